#include "deploy/people/nts_views.h"

namespace naru::people {

const RegisterFile::Statements& NtsViews() {
  static const auto* const kViews = new RegisterFile::Statements{
      "CREATE UNIQUE INDEX nt_taxpayer_ci ON nt_taxpayer (ci)",
      "CREATE UNIQUE INDEX nt_taxpayer_rrn ON nt_taxpayer (rrn)",
      "CREATE UNIQUE INDEX nt_taxpayer_tin ON nt_taxpayer (tin)",
      "CREATE UNIQUE INDEX nt_business_no ON nt_business (biz_no)",
      "CREATE INDEX nt_business_rep ON nt_business (rep_tp_seq)",
      "CREATE UNIQUE INDEX nt_statement_year ON nt_statement (biz_seq, yr)",
      // What every paper about a business begins with.
      R"(CREATE VIEW nt_business_head AS
SELECT b.biz_seq, b.biz_no AS business_no, t.ci AS person_ci,
       substr(b.biz_no, 1, 3) || '-' || substr(b.biz_no, 4, 2) || '-' || substr(b.biz_no, 6)
         AS registration_number,
       b.trade_nm AS trade_name, b.rep_nm AS representative_name, b.representative_rrn,
       b.biz_kind AS business_type, b.corp_no AS corporation_no, b.tax_kind AS taxation_type,
       i.biz_cond AS business_category, i.biz_item AS business_item,
       substr(b.open_ymd, 1, 4) || '-' || substr(b.open_ymd, 5, 2) || '-' || substr(b.open_ymd, 7)
         AS open_date,
       substr(b.close_ymd, 1, 4) || '-' || substr(b.close_ymd, 5, 2) || '-'
         || substr(b.close_ymd, 7) AS close_date,
       CASE WHEN b.close_ymd IS NULL THEN '계속사업자' ELSE '폐업자' END AS business_status,
       b.addr AS address, b.tax_office, '합성 데이터' AS marker
FROM nt_business b
JOIN nt_taxpayer t ON t.tp_seq = b.rep_tp_seq
JOIN nt_business_item i ON i.biz_seq = b.biz_seq AND i.item_seq = 1)",
      R"(CREATE VIEW business_registration AS
SELECT business_no, person_ci, registration_number, trade_name, representative_name,
       representative_rrn, business_type, corporation_no, taxation_type, business_category,
       business_item, open_date, close_date, business_status, address, tax_office, marker
FROM nt_business_head)",
      R"(CREATE VIEW business_registration_rows AS
SELECT b.biz_no AS business_no, t.ci AS person_ci, i.item_seq AS row_no,
       i.biz_cond AS business_category, i.biz_item AS business_item
FROM nt_business b
JOIN nt_taxpayer t ON t.tp_seq = b.rep_tp_seq
JOIN nt_business_item i ON i.biz_seq = b.biz_seq)",
      R"(CREATE VIEW business_closure AS
SELECT * FROM nt_business_head WHERE close_date IS NOT NULL)",
      R"(CREATE VIEW vat_base AS
SELECT h.business_no, h.person_ci, v.yr AS tax_year, h.registration_number, h.trade_name,
       h.representative_name, h.representative_rrn, h.business_type, h.corporation_no,
       h.taxation_type, h.business_category, h.business_item, h.address, h.tax_office,
       (SELECT sum(s.tax_base + s.zero_base) FROM nt_vat_return s
        WHERE s.biz_seq = v.biz_seq AND s.yr = v.yr) AS tax_base,
       (SELECT sum(s.out_tax) FROM nt_vat_return s
        WHERE s.biz_seq = v.biz_seq AND s.yr = v.yr) AS output_tax, h.marker
FROM nt_business_head h
JOIN nt_vat_return v ON v.biz_seq = h.biz_seq AND v.term =
     (SELECT min(f.term) FROM nt_vat_return f WHERE f.biz_seq = v.biz_seq AND f.yr = v.yr))",
      R"(CREATE VIEW vat_base_rows AS
SELECT b.biz_no AS business_no, t.ci AS person_ci, v.yr AS tax_year,
       CASE v.term WHEN 1 THEN '제1기' WHEN 2 THEN '제2기' ELSE '연간' END AS period,
       v.yr || CASE v.term WHEN 2 THEN '-07-01' ELSE '-01-01' END AS period_from,
       v.yr || CASE v.term WHEN 1 THEN '-06-30' ELSE '-12-31' END AS period_to,
       v.tax_base AS taxable_base, v.zero_base AS zero_rated_base,
       v.tax_base + v.zero_base AS tax_base, v.out_tax AS output_tax,
       substr(v.filed_ymd, 1, 4) || '-' || substr(v.filed_ymd, 5, 2) || '-'
         || substr(v.filed_ymd, 7) AS filed_date
FROM nt_business b
JOIN nt_taxpayer t ON t.tp_seq = b.rep_tp_seq
JOIN nt_vat_return v ON v.biz_seq = b.biz_seq)",
      R"(CREATE VIEW standard_financial_statement AS
SELECT h.business_no, h.person_ci, s.yr AS tax_year, h.registration_number, h.trade_name,
       h.representative_name, h.representative_rrn, h.business_type, h.corporation_no,
       h.business_category, h.business_item, h.address, h.tax_office,
       substr(s.from_ymd, 1, 4) || '-' || substr(s.from_ymd, 5, 2) || '-'
         || substr(s.from_ymd, 7) AS period_from,
       substr(s.to_ymd, 1, 4) || '-' || substr(s.to_ymd, 5, 2) || '-' || substr(s.to_ymd, 7)
         AS period_to,
       (SELECT amt FROM nt_statement_line l WHERE l.stmt_seq = s.stmt_seq AND acct_cd = 101)
         AS revenue,
       (SELECT amt FROM nt_statement_line l WHERE l.stmt_seq = s.stmt_seq AND acct_cd = 109)
         AS operating_income,
       (SELECT amt FROM nt_statement_line l WHERE l.stmt_seq = s.stmt_seq AND acct_cd = 114)
         AS net_income,
       (SELECT amt FROM nt_statement_line l WHERE l.stmt_seq = s.stmt_seq AND acct_cd = 206)
         AS total_assets,
       (SELECT amt FROM nt_statement_line l WHERE l.stmt_seq = s.stmt_seq AND acct_cd = 210)
         AS total_liabilities,
       (SELECT amt FROM nt_statement_line l WHERE l.stmt_seq = s.stmt_seq AND acct_cd = 213)
         AS total_equity,
       '원' AS currency_unit, h.marker
FROM nt_business_head h JOIN nt_statement s ON s.biz_seq = h.biz_seq)",
      R"(CREATE VIEW standard_financial_statement_rows AS
SELECT b.biz_no AS business_no, t.ci AS person_ci, s.yr AS tax_year, a.acct_cd AS account_code,
       a.stmt_nm AS statement, a.acct_nm AS account_name, l.amt AS amount
FROM nt_business b
JOIN nt_taxpayer t ON t.tp_seq = b.rep_tp_seq
JOIN nt_statement s ON s.biz_seq = b.biz_seq
JOIN nt_statement_line l ON l.stmt_seq = s.stmt_seq
JOIN nt_account a ON a.acct_cd = l.acct_cd)",
      R"(CREATE VIEW income_amount AS
SELECT t.ci AS person_ci, y.yr AS tax_year, t.tp_nm AS name,
       substr(t.rrn, 1, 6) || '-' || substr(t.rrn, 7) AS resident_no,
       substr(t.rrn, 1, 6) || '-' || substr(t.rrn, 7, 1) || '******' AS resident_no_masked,
       t.addr AS address, y.settled_by AS settlement_type, y.inc_sum AS income_amount,
       y.tax_amt AS determined_tax, t.tax_office, '합성 데이터' AS marker
FROM nt_taxpayer t JOIN nt_income_year y ON y.tp_seq = t.tp_seq)",
      R"(CREATE VIEW income_amount_rows AS
SELECT t.ci AS person_ci, n.yr AS tax_year, n.item_seq AS row_no, n.inc_kind AS income_type,
       n.payer_nm AS payer_name, n.gross_amt AS gross_amount, n.inc_amt AS income_amount
FROM nt_taxpayer t JOIN nt_income n ON n.tp_seq = t.tp_seq)",
      R"(CREATE VIEW national_tax_clearance AS
SELECT t.ci AS person_ci, t.tp_nm AS name,
       substr(t.rrn, 1, 6) || '-' || substr(t.rrn, 7) AS resident_no,
       substr(t.rrn, 1, 6) || '-' || substr(t.rrn, 7, 1) || '******' AS resident_no_masked,
       t.addr AS address,
       CASE
         WHEN EXISTS (SELECT 1 FROM nt_notice n WHERE n.tp_seq = t.tp_seq AND n.paid_ymd IS NULL
                      AND n.defer_ymd IS NULL) THEN '체납액 있음'
         WHEN EXISTS (SELECT 1 FROM nt_notice n WHERE n.tp_seq = t.tp_seq AND n.paid_ymd IS NULL)
           THEN '징수유예'
         ELSE '체납액 없음' END AS clearance_status,
       (SELECT coalesce(sum(n.amt), 0) FROM nt_notice n WHERE n.tp_seq = t.tp_seq
        AND n.paid_ymd IS NULL AND n.defer_ymd IS NULL) AS unpaid_amount,
       (SELECT coalesce(sum(n.amt), 0) FROM nt_notice n WHERE n.tp_seq = t.tp_seq
        AND n.paid_ymd IS NULL AND n.defer_ymd IS NOT NULL) AS deferred_amount,
       date((SELECT as_of FROM about), '+30 days') AS valid_until,
       t.tax_office, '합성 데이터' AS marker
FROM nt_taxpayer t)",
      R"(CREATE VIEW national_tax_clearance_rows AS
SELECT t.ci AS person_ci, n.notice_seq AS row_no, n.notice_no, n.tax_item, n.yr AS tax_year,
       n.amt AS amount,
       substr(n.due_ymd, 1, 4) || '-' || substr(n.due_ymd, 5, 2) || '-' || substr(n.due_ymd, 7)
         AS due_date,
       substr(n.paid_ymd, 1, 4) || '-' || substr(n.paid_ymd, 5, 2) || '-' || substr(n.paid_ymd, 7)
         AS paid_date,
       substr(n.defer_ymd, 1, 4) || '-' || substr(n.defer_ymd, 5, 2) || '-'
         || substr(n.defer_ymd, 7) AS deferred_until,
       CASE WHEN n.paid_ymd IS NOT NULL THEN '납부' WHEN n.defer_ymd IS NOT NULL THEN '징수유예'
            ELSE '체납' END AS status
FROM nt_taxpayer t JOIN nt_notice n ON n.tp_seq = t.tp_seq)",
  };
  return *kViews;
}

}  // namespace naru::people
