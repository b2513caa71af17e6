#ifndef NARU_BROKER_BASE_COMMAND_LINE_H_
#define NARU_BROKER_BASE_COMMAND_LINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

// The command line of a program. It is CLI11, which is one header of 11,000 lines, kept to one
// file: programs include this one. Nothing here is thread-safe.
namespace naru {

// An option of a command. A handle: copies mean the same option, which lives as long as its
// CommandLine.
class CommandOption {
 public:
  explicit CommandOption(CLI::Option* option) : option_(option) {}

  CommandOption& Required();
  // Only these values are taken.
  CommandOption& OneOf(const std::vector<std::string>& values);
  // Only numbers from `least` to `most` are taken.
  CommandOption& Between(int64_t least, int64_t most);
  // --help shows the value that the variable has now.
  CommandOption& ShowDefault();
  // Not both.
  CommandOption& Excludes(const CommandOption& other);

 private:
  CLI::Option* option_;
};

// A program, or a command of it. A handle, as above.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  // "--name" takes a value, "name" is an argument by its place. The variable keeps its value when
  // the option is not given, and must outlive the parsing; `help` is for people. A value that is
  // not of the type ends the program with an error.
  CommandOption Add(const std::string& name, std::string* value, const std::string& help);
  CommandOption Add(const std::string& name, int32_t* value, const std::string& help);
  CommandOption Add(const std::string& name, uint32_t* value, const std::string& help);
  CommandOption Add(const std::string& name, int64_t* value, const std::string& help);
  CommandOption Add(const std::string& name, uint64_t* value, const std::string& help);
  // May be given again, each time adding one.
  CommandOption Add(const std::string& name, std::vector<uint32_t>* values,
                    const std::string& help);
  // Takes no value.
  CommandOption AddFlag(const std::string& name, bool* value, const std::string& help);

  // A command below this one. It also takes the options of those above it.
  Command AddCommand(const std::string& name, const std::string& purpose);
  // Exactly one of the commands below must be named.
  void NeedsCommand();
  // Called while parsing, when the command was named and all its options are good.
  void OnNamed(std::function<void()> call);

 private:
  CLI::App* app_;
};

class CommandLine {
 public:
  // `purpose` stands at the head of --help, which every program has.
  CommandLine(const std::string& name, const std::string& purpose);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // The program itself.
  Command program();

  // Sets the variables. Nothing to return when the program shall go on; else the status to exit
  // with: 0 after --help (printed to `out`), `bad_arguments` after an error (printed to `err`).
  std::optional<int> Parse(int argc, const char* const* argv, int bad_arguments, std::ostream& out,
                           std::ostream& err);
  // To standard output and standard error.
  std::optional<int> Parse(int argc, const char* const* argv, int bad_arguments);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_COMMAND_LINE_H_
