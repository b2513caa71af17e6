// What ThreadSanitizer leaves out, in every binary of --config=tsan. Debian's gRPC and RocksDB are
// not instrumented, so their locks are invisible to it. Only these libraries stand here; a race in
// our own code is never suppressed.

extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:libgrpc.so\n"
         "race:libgrpc++.so\n"
         "race:libgpr.so\n"
         "race:librocksdb.so\n";
}
