#include <iostream>

#include "deploy/idp/idp_dev.h"

int main(int argc, char** argv) {
  return naru::idp::RunIdpDev(argc, argv, std::cin, std::cout, std::cerr, *naru::Clock::Real(),
                              *naru::Random::System());
}
