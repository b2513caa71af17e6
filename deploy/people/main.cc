#include <iostream>

#include "deploy/people/cli.h"

int main(int argc, char** argv) {
  return naru::people::RunPeople(argc, argv, std::cout, std::cerr);
}
