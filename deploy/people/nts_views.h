#ifndef NARU_DEPLOY_PEOPLE_NTS_VIEWS_H_
#define NARU_DEPLOY_PEOPLE_NTS_VIEWS_H_

#include "deploy/people/register_file.h"

namespace naru::people {

// Indices and views of the tax service's database; the tables are in nts_register.cc.
const RegisterFile::Statements& NtsViews();

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_NTS_VIEWS_H_
