"""C++ from protocol buffers, with Debian's protoc and gRPC plugin."""

_ROOT = "proto"

def _sources_label(label):
    """The filegroup of .proto files that stands beside the library `label`."""
    if ":" in label:
        return label + "_protos"
    return label + ":" + label.split("/")[-1] + "_protos"

def naru_proto_library(name, srcs, deps = [], grpc = False, visibility = None, testonly = False):
    """Makes a C++ library of the messages in `srcs`, and one of their services.

    Proto files import each other, and C++ code includes the results, by the path below proto/:
    `import "naru/v1/common.proto"`, `#include "naru/v1/common.pb.h"`. The services are a library of
    their own, so that what knows messages alone has no gRPC in its reach.

    Args:
      name: the cc_library of messages (`*.pb.h`); `<name>_protos` is a filegroup of srcs and of all
        they import.
      srcs: .proto files of this package.
      deps: other naru_proto_library targets whose files `srcs` import.
      grpc: whether `srcs` declare services; makes the cc_library `<name>_grpc` (`*.grpc.pb.h`), for
        the packages of //bazel:grpc_users alone.
      visibility: of the messages and the filegroup.
      testonly: of all targets.
    """
    package = native.package_name()
    if package != _ROOT and not package.startswith(_ROOT + "/"):
        fail("naru_proto_library is for packages below //%s" % _ROOT)

    stems = [src[:-len(".proto")] for src in srcs]
    suffixes = [".pb", ".grpc.pb"] if grpc else [".pb"]

    native.filegroup(
        name = name + "_protos",
        testonly = testonly,
        srcs = srcs + [_sources_label(dep) for dep in deps],
        visibility = visibility,
    )

    outputs = ["--cpp_out=$(RULEDIR)/" + _up(package)]
    if grpc:
        outputs += [
            "--plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin",
            "--grpc_out=$(RULEDIR)/" + _up(package),
        ]
    native.genrule(
        name = name + "_codegen",
        testonly = testonly,
        srcs = [":" + name + "_protos"],
        outs = [stem + suffix + end for stem in stems for suffix in suffixes for end in [".h", ".cc"]],
        cmd = " ".join(
            ["/usr/bin/protoc", "--proto_path=" + _ROOT, "--proto_path=/usr/include"] + outputs +
            [package + "/" + src for src in srcs],
        ),
        visibility = ["//visibility:private"],
    )

    _generated_library(
        name = name,
        stems = [stem + ".pb" for stem in stems],
        testonly = testonly,
        visibility = visibility,
        deps = deps + ["//proto:include_root", "@system//:protobuf"],
    )
    if grpc:
        _generated_library(
            name = name + "_grpc",
            stems = [stem + ".grpc.pb" for stem in stems],
            testonly = testonly,
            visibility = ["//bazel:grpc_users"],
            deps = [":" + name, "@system//:grpc++"],
        )

def _generated_library(name, stems, testonly, visibility, deps):
    native.cc_library(
        name = name,
        testonly = testonly,
        srcs = [stem + ".cc" for stem in stems],
        hdrs = [stem + ".h" for stem in stems],
        # Generated code is not ours to keep free of warnings.
        copts = ["-w"],
        visibility = visibility,
        deps = deps,
    )

def _up(package):
    """The relative path from `package` to the proto root."""
    return "/".join([".."] * (len(package.split("/")) - 1)) or "."
