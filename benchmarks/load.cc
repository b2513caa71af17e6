#include <CLI/CLI.hpp>
#include <string>

#include "benchmarks/loads.h"
#include "broker/base/log.h"

int main(int argc, char** argv) {
  naru::InitLogging(argv[0]);
  CLI::App app{"Loads for benchmarks/run.sh, which drives them over standard input and output."};
  app.require_subcommand(1);
  std::string directory;
  int count = 0;
  const auto load = [&](const std::string& name, const std::string& help) {
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("--directory", directory, "made; everything lies in it")->required();
    return command;
  };
  const auto counted = [&](const std::string& name, const std::string& help) {
    CLI::App* command = load(name, help);
    command->add_option("--count", count, help)->required()->check(CLI::Range(1, 100'000'000));
    return command;
  };
  counted("check", "consents stored")->callback([&] { naru::CheckLoad(directory, count); });
  counted("decide", "decisions a round")->callback([&] { naru::DecideLoad(directory, count); });
  counted("watch", "streams")->callback([&] { naru::WatchLoad(directory, count); });
  load("proof", "inclusion proofs")->callback([&] { naru::ProofLoad(directory); });
  load("documents", "documents of 512 KiB")->callback([&] {
    naru::DocumentLoad(directory, false);
  });
  load("large-document", "documents of 200 MB")->callback([&] {
    naru::DocumentLoad(directory, true);
  });
  load("journal", "commits in process")->callback([&] { naru::JournalLoad(directory); });

  std::string api;
  std::string certificate;
  std::string key;
  std::string ca;
  CLI::App* echo = app.add_subcommand("echo", "a server that answers CheckConsent at once");
  echo->add_option("--api", api, "queues or callback")
      ->required()
      ->check(CLI::IsMember({"queues", "callback"}));
  echo->add_option("--certificate", certificate, "PEM")->required();
  echo->add_option("--key", key, "PEM")->required();
  echo->add_option("--ca", ca, "PEM")->required();
  echo->callback([&] { naru::ServeEcho(api, certificate, key, ca); });
  CLI11_PARSE(app, argc, argv);
  return 0;
}
