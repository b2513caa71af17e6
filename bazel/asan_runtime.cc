// Linked into every binary of --config=asan, and into no other.

extern "C" const char* __lsan_default_suppressions();

// gRPC starts c-ares once for the process and never stops it.
extern "C" const char* __lsan_default_suppressions() { return "leak:libcares.so\n"; }
