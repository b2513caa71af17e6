#include "broker/base/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <utility>

namespace naru {

CommandOption& CommandOption::Required() {
  option_->required();
  return *this;
}

CommandOption& CommandOption::OneOf(const std::vector<std::string>& values) {
  option_->check(CLI::IsMember(values));
  return *this;
}

CommandOption& CommandOption::Between(int64_t least, int64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

CommandOption& CommandOption::ShowDefault() {
  option_->capture_default_str();
  return *this;
}

CommandOption& CommandOption::Excludes(const CommandOption& other) {
  option_->excludes(other.option_);
  return *this;
}

CommandOption Command::Add(const std::string& name, std::string* value, const std::string& help) {
  return CommandOption(app_->add_option(name, *value, help));
}

CommandOption Command::Add(const std::string& name, int32_t* value, const std::string& help) {
  return CommandOption(app_->add_option(name, *value, help));
}

CommandOption Command::Add(const std::string& name, uint32_t* value, const std::string& help) {
  // CLI11 would read -1 as a huge number.
  return CommandOption(app_->add_option(name, *value, help)->check(CLI::NonNegativeNumber));
}

CommandOption Command::Add(const std::string& name, int64_t* value, const std::string& help) {
  return CommandOption(app_->add_option(name, *value, help));
}

CommandOption Command::Add(const std::string& name, uint64_t* value, const std::string& help) {
  return CommandOption(app_->add_option(name, *value, help)->check(CLI::NonNegativeNumber));
}

CommandOption Command::Add(const std::string& name, std::vector<uint32_t>* values,
                           const std::string& help) {
  return CommandOption(app_->add_option(name, *values, help)->check(CLI::NonNegativeNumber));
}

CommandOption Command::AddFlag(const std::string& name, bool* value, const std::string& help) {
  return CommandOption(app_->add_flag(name, *value, help));
}

Command Command::AddCommand(const std::string& name, const std::string& purpose) {
  return Command(app_->add_subcommand(name, purpose));
}

void Command::NeedsCommand() { app_->require_subcommand(1); }

void Command::OnNamed(std::function<void()> call) { app_->callback(std::move(call)); }

CommandLine::CommandLine(const std::string& name, const std::string& purpose)
    : app_(std::make_unique<CLI::App>(purpose, name)) {
  // Commands made later inherit it.
  app_->fallthrough();
}

CommandLine::~CommandLine() = default;

Command CommandLine::program() { return Command(app_.get()); }

std::optional<int> CommandLine::Parse(int argc, const char* const* argv, int bad_arguments,
                                      std::ostream& out, std::ostream& err) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app_->exit(error, out, err) == 0 ? 0 : bad_arguments;
  }
  return std::nullopt;
}

std::optional<int> CommandLine::Parse(int argc, const char* const* argv, int bad_arguments) {
  return Parse(argc, argv, bad_arguments, std::cout, std::cerr);
}

}  // namespace naru
