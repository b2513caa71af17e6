#include <iostream>

#include "adapters/cli/naructl.h"

int main(int argc, char** argv) {
  return naru::cli::RunNaructl(argc, argv, std::cin, std::cout, std::cerr);
}
