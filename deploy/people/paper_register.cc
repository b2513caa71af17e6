#include "deploy/people/paper_register.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "deploy/people/days.h"
#include "glog/logging.h"

namespace naru::people {
namespace {

constexpr char kPersonTable[] =
    "CREATE TABLE person (psn INTEGER PRIMARY KEY, ci TEXT NOT NULL, nm TEXT NOT NULL, "
    "rrn TEXT NOT NULL, birth_dt TEXT NOT NULL, sex TEXT NOT NULL, addr TEXT NOT NULL)";

// A prepared INSERT of rows of text into a table that is known at run time only; columns of whole
// numbers turn the text into numbers (SQLite's affinity).
class TextInserter {
 public:
  TextInserter(soci::session& session, const std::string& table, size_t columns)
      : values_(columns), statement_(session) {
    for (std::string& value : values_) statement_.exchange(soci::use(value));
    statement_.alloc();
    statement_.prepare(InsertStatement(table, InsertRule::kFail, std::vector<bool>(columns, true)));
    statement_.define_and_bind();
  }

  void Add(std::vector<std::string> first, const std::vector<std::string>& rest) {
    CHECK_EQ(first.size() + rest.size(), values_.size());
    for (size_t i = 0; i < values_.size(); ++i) {
      values_[i] = i < first.size() ? std::move(first[i]) : rest[i - first.size()];
    }
    statement_.execute(/*withDataExchange=*/true);
  }

 private:
  std::vector<std::string> values_;  // The statement reads from here; never moves.
  soci::statement statement_;
};

std::string Name(absl::string_view column) {
  return std::string(absl::StripSuffix(column, " INTEGER"));
}

std::string Declared(const std::vector<const char*>& columns) {
  std::string sql;
  for (absl::string_view column : columns) {
    absl::StrAppend(&sql, ", ", column, absl::EndsWith(column, " INTEGER") ? "" : " TEXT");
  }
  return sql;
}

std::string Selected(const std::vector<const char*>& columns, const char* table) {
  std::string sql;
  for (const char* column : columns) absl::StrAppend(&sql, ", ", table, ".", Name(column));
  return sql;
}

// The statements that make a paper's tables: `<view>_entry` and `<view>_row`.
std::vector<std::string> TablesOf(const Paper& paper) {
  std::vector<std::string> tables = {
      absl::StrCat("CREATE TABLE ", paper.view, "_entry (seq INTEGER PRIMARY KEY, ",
                   "psn INTEGER NOT NULL, subject TEXT", Declared(paper.columns), ")")};
  if (!paper.row_columns.empty()) {
    tables.push_back(absl::StrCat(
        "CREATE TABLE ", paper.view, "_row (seq INTEGER NOT NULL, row_no INTEGER NOT NULL",
        Declared(paper.row_columns), ", PRIMARY KEY (seq, row_no)) WITHOUT ROWID"));
  }
  return tables;
}

// Indices and views of a paper.
std::vector<std::string> ViewsOf(const Paper& paper) {
  const std::string entry = absl::StrCat(paper.view, "_entry");
  const char* const owner = paper.subject == nullptr ? "" : "owner_";
  const std::string head =
      absl::StrCat("SELECT p.ci AS person_ci",
                   paper.subject == nullptr ? "" : absl::StrCat(", e.subject AS ", paper.subject));
  const std::string from = absl::StrCat(" FROM ", entry, " e JOIN person p ON p.psn = e.psn");
  std::vector<std::string> views = {
      absl::StrCat("CREATE INDEX ", entry, "_psn ON ", entry, " (psn)"),
      absl::StrCat("CREATE VIEW ", paper.view, " AS ", head, ", p.nm AS ", owner, "name, ",
                   "substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7) AS ", owner, "resident_no, ",
                   "substr(p.rrn, 1, 6) || '-' || substr(p.rrn, 7, 1) || '******' AS ", owner,
                   "resident_no_masked, p.birth_dt AS ", owner, "birth_date, p.sex AS ", owner,
                   "sex, ", "p.addr AS ", owner, "address", Selected(paper.columns, "e"),
                   ", '합성 데이터' AS marker", from)};
  if (paper.subject != nullptr) {
    views.push_back(absl::StrCat("CREATE INDEX ", entry, "_subject ON ", entry, " (subject)"));
  }
  if (!paper.row_columns.empty()) {
    // Several entries of one person are told apart by their columns.
    views.push_back(absl::StrCat(
        "CREATE VIEW ", paper.view, "_rows AS ", head, Selected(paper.columns, "e"), ", r.row_no",
        Selected(paper.row_columns, "r"), from, " JOIN ", paper.view, "_row r ON r.seq = e.seq"));
  }
  return views;
}

// Strings and, for RegisterFile, the pointers to them.
class StatementList {
 public:
  void Add(std::vector<std::string> statements) {
    for (std::string& one : statements) texts_.push_back(std::move(one));
  }
  RegisterFile::Statements Pointers() const {
    RegisterFile::Statements pointers;
    for (const std::string& text : texts_) pointers.push_back(text.c_str());
    return pointers;
  }

 private:
  std::vector<std::string> texts_;
};

StatementList Tables(const PaperBook& book) {
  StatementList tables;
  tables.Add({kPersonTable});
  for (const Paper& paper : book.papers) tables.Add(TablesOf(paper));
  return tables;
}

class PaperRegister : public Register {
 public:
  PaperRegister(const PaperBook& book, const std::string& folder,
                const PopulationOptions& population)
      : book_(book),
        population_(population),
        file_(folder, population, book.info, Tables(book).Pointers()),
        people_(std::in_place, file_.session(), "person") {
    for (const Paper& paper : book_.papers) {
      writers_.push_back(std::make_unique<Writer>(file_.session(), paper));
    }
  }

  void Add(const Household& household) override {
    added_.clear();
    for (const std::unique_ptr<Writer>& writer : writers_) {
      entries_.clear();
      writer->paper.entries(household, population_, entries_);
      for (const PaperEntry& entry : entries_) {
        AddPerson(household, *entry.person);
        AddEntry(*writer, entry);
      }
    }
  }

  void Finish() override {
    people_.reset();
    writers_.clear();
    StatementList views;
    views.Add({"CREATE UNIQUE INDEX person_ci ON person (ci)"});
    for (const Paper& paper : book_.papers) views.Add(ViewsOf(paper));
    file_.Finish(views.Pointers());
  }

 private:
  struct Writer {
    Writer(soci::session& session, const Paper& the_paper)
        : paper(the_paper),
          entries(session, absl::StrCat(paper.view, "_entry"), 3 + paper.columns.size()) {
      if (paper.row_columns.empty()) return;
      rows.emplace(session, absl::StrCat(paper.view, "_row"), 2 + paper.row_columns.size());
    }
    const Paper& paper;
    TextInserter entries;
    std::optional<TextInserter> rows;
    Number last = 0;
  };

  void AddPerson(const Household& household, const Person& person) {
    if (!added_.insert(person.index).second) return;
    people_->Add(person.index + 1, person.ci, person.name, person.resident_no,
                 IsoDay(person.birthday), person.sex == Sex::kMale ? "남" : "여",
                 household.address.line);
  }

  static void AddEntry(Writer& writer, const PaperEntry& entry) {
    const std::string seq = absl::StrCat(++writer.last);
    writer.entries.Add({seq, absl::StrCat(entry.person->index + 1), entry.subject}, entry.columns);
    int row_no = 0;
    for (const std::vector<std::string>& row : entry.rows) {
      writer.rows->Add({seq, absl::StrCat(++row_no)}, row);
    }
  }

  const PaperBook& book_;
  const PopulationOptions population_;
  RegisterFile file_;
  std::optional<RowInserter<Number, Text, Text, Text, Text, Text, Text>> people_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<PaperEntry> entries_;
  std::set<int64_t> added_;  // People of the household.
};

}  // namespace

const std::vector<PaperBook>& PaperBooks() {
  static const auto* const kBooks = [] {
    auto* all = new std::vector<PaperBook>;
    for (auto* part :
         {CourtBooks, LandBooks, SupportBooks, ServiceBooks, BorderBooks, LearningBooks}) {
      for (PaperBook& book : part()) all->push_back(std::move(book));
    }
    return all;
  }();
  return *kBooks;
}

std::unique_ptr<Register> OpenPaperRegister(const PaperBook& book, const std::string& folder,
                                            const PopulationOptions& population) {
  return std::make_unique<PaperRegister>(book, folder, population);
}

}  // namespace naru::people
