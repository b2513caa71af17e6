"""C++ from protocol buffers, with Debian's protoc and gRPC plugin."""

_ROOT = "proto"

def _sources_label(label):
    """The filegroup of .proto files that stands beside the library `label`."""
    if ":" in label:
        return label + "_protos"
    return label + ":" + label.split("/")[-1] + "_protos"

def naru_proto_library(name, srcs, deps = [], grpc = False, visibility = None, testonly = False):
    """Makes one C++ library of the messages (and services) in `srcs`.

    Proto files import each other, and C++ code includes the results, by the path below proto/:
    `import "naru/v1/common.proto"`, `#include "naru/v1/common.pb.h"`.

    Args:
      name: the cc_library; `<name>_protos` is a filegroup of srcs and of all they import.
      srcs: .proto files of this package.
      deps: other naru_proto_library targets whose files `srcs` import.
      grpc: whether `srcs` declare services; makes `*.grpc.pb.h` too.
      visibility: of both targets.
      testonly: of both targets.
    """
    package = native.package_name()
    if package != _ROOT and not package.startswith(_ROOT + "/"):
        fail("naru_proto_library is for packages below //%s" % _ROOT)

    stems = [src[:-len(".proto")] for src in srcs]
    suffixes = [".pb", ".grpc.pb"] if grpc else [".pb"]
    headers = [stem + suffix + ".h" for stem in stems for suffix in suffixes]
    sources = [stem + suffix + ".cc" for stem in stems for suffix in suffixes]

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
        outs = headers + sources,
        cmd = " ".join(
            ["/usr/bin/protoc", "--proto_path=" + _ROOT, "--proto_path=/usr/include"] + outputs +
            [package + "/" + src for src in srcs],
        ),
        visibility = ["//visibility:private"],
    )

    native.cc_library(
        name = name,
        testonly = testonly,
        srcs = sources,
        hdrs = headers,
        # Generated code is not ours to keep free of warnings.
        copts = ["-w"],
        visibility = visibility,
        deps = deps + [
            "//proto:include_root",
            "@system//:grpc++" if grpc else "@system//:protobuf",
        ],
    )

def _up(package):
    """The relative path from `package` to the proto root."""
    return "/".join([".."] * (len(package.split("/")) - 1)) or "."
