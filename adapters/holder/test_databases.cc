#include "adapters/holder/test_databases.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace naru {
namespace {

constexpr char kBinaries[] = "/usr/lib/postgresql/15/bin/";
constexpr char kReady[] = "database system is ready to accept connections";
constexpr char kTemplate[] = "template_register";

// `command` as an unprivileged user, ended with this process.
std::vector<std::string> Unprivileged(std::vector<std::string> command) {
  std::vector<std::string> whole = {"setpriv", "--pdeathsig", "KILL"};
  if (geteuid() == 0) {
    whole.insert(whole.end(), {"--reuid=nobody", "--regid=nogroup", "--clear-groups"});
  }
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

std::string NewName() {
  static int made = 0;
  return absl::StrCat("register_", ++made);
}

class PostgresDatabase final : public TestDatabase {
 public:
  // `odbc` for a connection by that way.
  explicit PostgresDatabase(bool odbc) : odbc_(odbc), name_(NewName()) {
    TestPostgres::Instance().Execute(
        "postgres", absl::StrCat("CREATE DATABASE ", name_, " OWNER owner TEMPLATE ", kTemplate));
  }
  std::string connection() const override {
    const TestPostgres& server = TestPostgres::Instance();
    if (!odbc_) return absl::StrCat("postgresql://", server.Words(name_, "reader"));
    return absl::StrCat("odbc://DRIVER={PostgreSQL ANSI};SERVERNAME=", server.directory(),
                        ";PORT=5432;DATABASE=", name_, ";UID=reader");
  }
  void Execute(const std::string& sql) override {
    soci::session session(soci::postgresql, TestPostgres::Instance().Words(name_, "owner"));
    session << sql;
  }

 private:
  const bool odbc_;
  const std::string name_;
};

class SqliteDatabase final : public TestDatabase {
 public:
  explicit SqliteDatabase(bool odbc)
      : odbc_(odbc), path_(absl::StrCat(testing::TempDir(), "/", NewName(), ".db")) {
    MakeTestRegister(path_);
  }
  std::string connection() const override {
    return odbc_ ? absl::StrCat("odbc://DRIVER={SQLite3};Database=", path_)
                 : absl::StrCat("sqlite3://dbname=", path_);
  }
  void Execute(const std::string& sql) override { ExecuteSql(path_, sql); }

 private:
  const bool odbc_;
  const std::string path_;
};

// The template while it is filled.
class TemplateDatabase final : public TestDatabase {
 public:
  std::string connection() const override { return ""; }
  void Execute(const std::string& sql) override {
    soci::session session(soci::postgresql, TestPostgres::Instance().Words(kTemplate, "owner"));
    session << sql;
  }
};

}  // namespace

TestPostgres& TestPostgres::Instance() {
  static TestPostgres server;
  // Set before, because filling comes here again.
  static bool filled = false;
  if (!std::exchange(filled, true)) {
    server.Execute("postgres", "CREATE ROLE owner LOGIN");
    server.Execute("postgres", "CREATE ROLE reader LOGIN");
    server.Execute("postgres", absl::StrCat("CREATE DATABASE ", kTemplate, " OWNER owner"));
    server.Execute(kTemplate, "GRANT ALL ON SCHEMA public TO owner");
    TemplateDatabase database;
    database.Execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader");
    FillTestRegister(database);
  }
  return server;
}

TestPostgres::TestPostgres() {
  // A socket's name may have no more than 107 characters, which the test's own directory has not
  // left.
  char name[] = "/tmp/naru-postgres-XXXXXX";
  CHECK(mkdtemp(name) != nullptr);
  directory_ = name;
  if (geteuid() == 0) {
    CHECK_EQ(std::system(absl::StrCat("chown nobody:nogroup ", directory_).c_str()), 0);
  }
  const std::string make = absl::StrJoin(
      Unprivileged({absl::StrCat(kBinaries, "initdb"), "-D", directory_ + "/data", "-U", "naru",
                    "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"}),
      " ");
  CHECK_EQ(std::system(absl::StrCat("cd / && ", make, " >/dev/null").c_str()), 0) << make;
  Start();
}

TestPostgres::~TestPostgres() {
  Stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void TestPostgres::Start() {
  const std::vector<std::string> command = Unprivileged(
      {absl::StrCat(kBinaries, "postgres"), "-D", directory_ + "/data", "-k", directory_, "-c",
       "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"});
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  int pipe_ends[2];
  CHECK_EQ(pipe2(pipe_ends, O_CLOEXEC), 0);
  server_ = fork();
  CHECK_GE(server_, 0);
  if (server_ == 0) {
    dup2(pipe_ends[1], STDERR_FILENO);
    if (chdir("/") != 0) _exit(1);
    execvp(arguments[0], arguments.data());
    _exit(1);
  }
  close(pipe_ends[1]);
  // What it says is read to the end, or it would stop for want of room; that it is ready is one of
  // the first things it says.
  FILE* log = fdopen(pipe_ends[0], "r");
  std::string said;
  char line[4096];
  while (!absl::StrContains(said, kReady)) {
    CHECK(fgets(line, sizeof line, log) != nullptr) << said;
    absl::StrAppend(&said, line);
  }
  log_ = std::thread([log] {
    char rest[4096];
    while (fgets(rest, sizeof rest, log) != nullptr) {
    }
    fclose(log);
  });
}

void TestPostgres::Stop() {
  if (server_ < 0) return;
  kill(server_, SIGINT);
  waitpid(server_, nullptr, 0);
  server_ = -1;
  log_.join();
}

std::string TestPostgres::Words(const std::string& database, const std::string& user) const {
  return absl::StrCat("host=", directory_, " dbname=", database, " user=", user);
}

std::string TestPostgres::Execute(const std::string& database, const std::string& sql) {
  soci::session session(soci::postgresql, Words(database, "naru"));
  std::string value;
  soci::indicator indicator = soci::i_ok;
  soci::statement statement(session);
  if (absl::StartsWith(sql, "SELECT")) statement.exchange(soci::into(value, indicator));
  statement.alloc();
  statement.prepare(sql);
  statement.define_and_bind();
  statement.execute(true);
  return value;
}

std::unique_ptr<TestDatabase> NewPostgresDatabase() {
  return std::make_unique<PostgresDatabase>(false);
}
std::unique_ptr<TestDatabase> NewOdbcPostgresDatabase() {
  return std::make_unique<PostgresDatabase>(true);
}
std::unique_ptr<TestDatabase> NewSqliteDatabase() {
  return std::make_unique<SqliteDatabase>(false);
}
std::unique_ptr<TestDatabase> NewOdbcSqliteDatabase() {
  return std::make_unique<SqliteDatabase>(true);
}

}  // namespace naru
