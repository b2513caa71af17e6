"""A repository for a Debian library whose headers name each other without their folders."""

def _output(repository_ctx, arguments):
    result = repository_ctx.execute(["pkg-config"] + arguments)
    if result.return_code != 0:
        fail("pkg-config {}: {}; deploy/install.sh installs what is missing".format(
            " ".join(arguments),
            result.stderr.strip(),
        ))
    return [word for word in result.stdout.split(" ") if word.strip()]

def _pkg_config_repository_impl(repository_ctx):
    module = repository_ctx.attr.module
    folders = []
    for flag in _output(repository_ctx, ["--cflags-only-I", module]):
        folder = "include{}".format(len(folders))
        repository_ctx.symlink(flag.strip()[len("-I"):], folder)
        folders.append(folder)
    libraries = [flag.strip() for flag in _output(repository_ctx, ["--libs", module])]
    repository_ctx.file("BUILD", """cc_library(
    name = "{name}",
    hdrs = glob([folder + "/**/*.h" for folder in {folders}]),
    includes = {folders},
    linkopts = {libraries},
    visibility = ["//visibility:public"],
)
""".format(name = repository_ctx.name, folders = folders, libraries = libraries))

pkg_config_repository = repository_rule(
    implementation = _pkg_config_repository_impl,
    attrs = {
        "module": attr.string(doc = "What pkg-config knows it by.", mandatory = True),
    },
    local = True,
)
