"""A repository made of files of this workspace."""

def _files_repository_impl(repository_ctx):
    for label, path in repository_ctx.attr.files.items():
        repository_ctx.symlink(label, path)

files_repository = repository_rule(
    implementation = _files_repository_impl,
    attrs = {
        "files": attr.label_keyed_string_dict(
            doc = "From a file of the main workspace to its path in the repository.",
            mandatory = True,
        ),
    },
    local = True,
)
