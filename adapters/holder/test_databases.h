#ifndef NARU_ADAPTERS_HOLDER_TEST_DATABASES_H_
#define NARU_ADAPTERS_HOLDER_TEST_DATABASES_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <thread>

#include "adapters/holder/test_register.h"

namespace naru {

// A throw-away PostgreSQL 15 in a directory of its own, reached by a Unix socket alone: one for the
// process, ended with it. It runs as nobody when the test is root, which PostgreSQL refuses to be.
// Has a database "template_register" (FillTestRegister) that "owner" owns and "reader" may only
// read. Ends the process when something fails. Not thread-safe.
class TestPostgres {
 public:
  // The one that runs.
  static TestPostgres& Instance();
  ~TestPostgres();

  // As an operator would: in use or not, everybody is disconnected.
  void Stop();
  void Start();

  // Words for libpq.
  std::string Words(const std::string& database, const std::string& user) const;
  const std::string& directory() const { return directory_; }
  // Runs SQL as the superuser, and gives the first column of the first row, if any.
  std::string Execute(const std::string& database, const std::string& sql);

 private:
  TestPostgres();

  std::string directory_;
  pid_t server_ = -1;
  std::thread log_;
};

// A new database as template_register is; the connection is the reader's.
std::unique_ptr<TestDatabase> NewPostgresDatabase();
// The same through unixODBC and PostgreSQL's driver.
std::unique_ptr<TestDatabase> NewOdbcPostgresDatabase();
// A SQLite file, filled, and the same through unixODBC and SQLite's driver.
std::unique_ptr<TestDatabase> NewSqliteDatabase();
std::unique_ptr<TestDatabase> NewOdbcSqliteDatabase();

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_TEST_DATABASES_H_
