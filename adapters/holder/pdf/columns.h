#ifndef NARU_ADAPTERS_HOLDER_PDF_COLUMNS_H_
#define NARU_ADAPTERS_HOLDER_PDF_COLUMNS_H_

#include <string>
#include <vector>

#include "adapters/holder/pdf/text_setter.h"
#include "naru/holder/v1/document_body.pb.h"

// What a table of a printed document has in its columns, and how wide they are. Thread-safe.
namespace naru {

// A table as it is printed: labels, and as many cells in each row.
struct PrintedTable {
  std::vector<std::string> labels;
  std::vector<std::vector<std::string>> rows;
};

// A list of the document. The parameter's value that a row belongs to is a column in front, unless
// a column says the same.
PrintedTable PrintedList(const holder::v1::DocumentTable& table);

// Fields that differ by a parameter's value, which all have the same values of it: one row for each
// value, one column for each field. The same rule for the column in front.
PrintedTable PrintedValues(const std::vector<const holder::v1::DocumentField*>& fields);

// What the texts need to stand in one line each, in type of this size.
double NaturalWidth(const PrintedTable& table, double size);

// Widths that together are `width`: as the texts need, less for the widest when there is not
// enough, never less than a short word.
std::vector<double> ColumnWidths(const PrintedTable& table, double size, double width);

// Amounts stand right, short texts in the middle, long ones left.
std::vector<Align> ColumnAligns(const PrintedTable& table);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_PDF_COLUMNS_H_
