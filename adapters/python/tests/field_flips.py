"""Every way to change one field of a message, found by reflection: a new field is flipped too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

# Changes the message in place.
Flip = Callable[[Any], None]


def flips(message: Message, prefix: str = "") -> Iterator[tuple[str, Flip]]:
    """Path and change of each field of the message as it is now, fields of its parts included."""
    for field in message.DESCRIPTOR.fields:
        path = prefix + field.name
        if field.label == FieldDescriptor.LABEL_REPEATED:
            yield from _repeated(message, field, path)
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            if message.HasField(field.name):
                yield f"{path}:cleared", lambda m, name=field.name: m.ClearField(name)
                for inner, flip in flips(getattr(message, field.name), path + "."):
                    yield inner, lambda m, n=field.name, f=flip: f(getattr(m, n))
            else:
                yield f"{path}:set", lambda m, name=field.name: getattr(m, name).SetInParent()
        else:
            yield path, lambda m, f=field: setattr(m, f.name, _other(f, getattr(m, f.name)))


def _repeated(message: Message, field: FieldDescriptor, path: str) -> Iterator[tuple[str, Flip]]:
    name = field.name
    values = getattr(message, name)
    is_message = field.type == FieldDescriptor.TYPE_MESSAGE
    if is_message:
        yield f"{path}:added", lambda m: getattr(m, name).add()
    else:
        empty = b"" if field.type == FieldDescriptor.TYPE_BYTES else ""
        start = 0 if field.cpp_type != FieldDescriptor.CPPTYPE_STRING else empty
        yield f"{path}:added", lambda m: getattr(m, name).append(_other(field, start))
    if not values:
        return
    yield f"{path}:removed", lambda m: getattr(m, name).pop()
    if is_message:
        for inner, flip in flips(values[0], f"{path}[0]."):
            yield inner, lambda m, f=flip: f(getattr(m, name)[0])
    else:

        def change(m: Any) -> None:
            getattr(m, name)[0] = _other(field, getattr(m, name)[0])

        yield f"{path}[0]", change


def _other(field: FieldDescriptor, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_BOOL:
        return not value
    if field.type == FieldDescriptor.TYPE_ENUM:
        return next(v.number for v in field.enum_type.values if v.number not in (0, value))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return value[:-1] + bytes([value[-1] ^ 1]) if value else b"x"
    if field.type == FieldDescriptor.TYPE_STRING:
        return value + "x"
    return value + 1
