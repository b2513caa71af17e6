#!/usr/bin/env python3
"""The commands and files of a page.

  run_page.py PAGE --shell             prints its ```sh blocks, in order, as one script
  run_page.py PAGE --file NAME         prints the block marked file=NAME
  run_page.py PAGE --enum PROTO NAME   names each value of the enum that the page does not have
"""

import pathlib
import re
import sys

BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def missing(page: str, proto: pathlib.Path, name: str) -> list[str]:
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"
    enum = re.search(rf"^enum {name} {{(.*?)^}}", proto.read_text(), re.MULTILINE | re.DOTALL)
    assert enum is not None, f"{proto} has no enum {name}"
    values = re.findall(rf"^  {prefix}(\w+) = ", enum[1], re.MULTILINE)
    words = set(re.findall(r"\w+", page))
    return [value for value in values if value != "UNSPECIFIED" and value not in words]


def main() -> int:
    page = pathlib.Path(sys.argv[1]).read_text()
    if sys.argv[2] == "--enum":
        found = missing(page, pathlib.Path(sys.argv[3]), sys.argv[4])
        print("\n".join(f"{sys.argv[1]}: nothing is said of {value}" for value in found), end="")
        return 1 if found else 0
    for language, mark, text in BLOCK.findall(page):
        if sys.argv[2] == "--shell" and language == "sh":
            print(text)
        elif sys.argv[2] == "--shell" and "file=" in mark:
            print(f"cat >{mark.partition('file=')[2]} <<'END_OF_THE_FILE'\n{text}END_OF_THE_FILE")
        elif sys.argv[2] == "--file" and mark.strip() == f"file={sys.argv[3]}":
            print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
