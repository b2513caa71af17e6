#ifndef NARU_DEPLOY_PEOPLE_PAPER_REGISTER_H_
#define NARU_DEPLOY_PEOPLE_PAPER_REGISTER_H_

#include <memory>
#include <string>
#include <vector>

#include "deploy/people/model.h"
#include "deploy/people/register_file.h"
#include "deploy/people/registers.h"

// Agencies whose register is little more than the papers they give: what to write is a table of
// columns and a function, and the database is made from that. The views are as registers.h says.
namespace naru::people {

// What one paper says. Empty text is stored as NULL.
struct PaperEntry {
  const Person* person = nullptr;  // Whom the record names.
  std::string subject;             // The thing's number; empty when the paper is about the person.
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

struct Paper {
  const char* view;  // The kind's code in lower case.
  // Column of the thing's number ("vehicle_no"); nullptr when the paper is about the person.
  const char* subject;
  // Names, with " INTEGER" behind those of whole numbers. Beside them the view has the person's
  // name, resident_no, resident_no_masked, birth_date, sex, address, with "owner_" in front for a
  // thing, and marker.
  std::vector<const char*> columns;
  std::vector<const char*> row_columns;  // Beside row_no; none: the paper has no list.
  // Appends what the household has on file; several of one person or thing differ in some column.
  void (*entries)(const Household&, const PopulationOptions&, std::vector<PaperEntry>&);
};

struct PaperBook {
  RegisterFile::Info info;
  std::vector<Paper> papers;
};

// Every book; one database each.
const std::vector<PaperBook>& PaperBooks();

// Of one subject each; PaperBooks() puts them together.
std::vector<PaperBook> CourtBooks();
std::vector<PaperBook> LandBooks();
std::vector<PaperBook> SupportBooks();
std::vector<PaperBook> ServiceBooks();
std::vector<PaperBook> BorderBooks();
std::vector<PaperBook> LearningBooks();

std::unique_ptr<Register> OpenPaperRegister(const PaperBook& book, const std::string& folder,
                                            const PopulationOptions& population);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_PAPER_REGISTER_H_
