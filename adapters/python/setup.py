"""Generates the messages and stubs from the protos when the package is built; all else is in pyproject.toml."""

import pathlib
import runpy

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent
generator = runpy.run_path(str(HERE / "generate.py"))


class BuildWithProtos(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            generator["generate"](pathlib.Path(self.build_lib))


setup(
    packages=["naru"],
    package_data={"naru": ["py.typed"]},
    cmdclass={"build_py": BuildWithProtos},
)
