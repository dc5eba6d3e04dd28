// Cards and accounts.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/checksum.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

// Issuer ranges by their first four digits (ISO/IEC 7812; networks' public documentation).
constexpr PrefixRange issuers[] = {
    {2200, 2204, digits(16, 19)},                                  // Mir
    {2221, 2720, digits(16)},                                      // Mastercard
    {3000, 3059, digits(14, 19)},                                  // Diners Club
    {3095, 3095, digits(14, 19)},       {3400, 3499, digits(15)},  // American Express
    {3528, 3589, digits(16, 19)},                                  // JCB
    {3600, 3699, digits(14, 19)},                                  // Diners Club
    {3700, 3799, digits(15)},                                      // American Express
    {3800, 3999, digits(14, 19)},                                  // Diners Club
    {4000, 4999, digits(16)},                                      // Visa
    {4000, 4999, digits(13), true},     {4000, 4999, digits(19)},
    {5018, 5020, digits(12, 19), true},                            // Maestro
    {5038, 5038, digits(12, 19), true}, {5100, 5599, digits(16)},  // Mastercard
    {5600, 5899, digits(12, 19), true},                            // Maestro
    {6000, 6010, digits(16), true},                                // RuPay
    {6011, 6011, digits(16, 19)},                                  // Discover
    {6200, 6299, digits(16, 19)},                                  // UnionPay
    {6304, 6304, digits(12, 19), true},                            // Maestro
    {6440, 6599, digits(16, 19)},                                  // Discover, RuPay
    {6700, 6799, digits(12, 19), true},                            // Maestro
    {8100, 8171, digits(16, 19)},                                  // UnionPay
};

constexpr std::array<std::string_view, 37> card_labels{
    "card",     "cards",    "visa",     "mastercard",     "amex",     "unionpay", "credit",
    "debit",    "pan",      "account",  "payment",        "bank",     "cc",       "银行卡",
    "卡号",     "信用卡",   "储蓄卡",   "借记卡",         "账号",     "帐号",     "账户",
    "帐户",     "刷卡",     "銀行卡",   "信用卡號",       "卡號",     "付款",     "银行账户",
    "银行账号", "收款账号", "开户账号", "account number", "银行卡号", "信用卡号", "card number",
    "card no",  "帳號"};

constexpr Grouping card_groups[] = {{{4, 4, 4, 4}},    {{4, 4, 4, 4, 3}}, {{6, 13}},
                                    {{4, 6, 5}},       {{4, 6, 4}},       {{4, 4, 4, 4, 2}},
                                    {{4, 4, 4, 4, 1}}, {{6, 10}}};

// Diners Club's 14 digits are those of many other numbers.
constexpr DigitForm card(Lengths lengths, float alone_together, float claimed) {
  return {
      .lengths = lengths,
      .prefix_digits = 4,
      .prefixes = issuers,
      .check = luhn_valid,
      .groupings = card_groups,
      .letters_before = Letters::behind_label_or_one,
      .letters_max = 0.65F,
      .unlike = unlike::labelled_otherwise | unlike::quantity | unlike::decimal | unlike::series,
      .alone = {.together = alone_together, .grouped = 0.9F, .few = 0.65F},
      .labelled = {.together = 0.98F, .grouped = 0.98F, .few = 0.85F, .scattered = 0.85F},
      .claimed = claimed};
}
constexpr DigitForm card_forms[] = {card(digits(15, 19), 0.9F, 0.7F), card(digits(12, 13), 0.9F, 0),
                                    card(digits(14), 0.6F, 0)};

// SWIFT's IBAN registry: country and length.
constexpr std::string_view iban_countries =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29"
    "ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20"
    "LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29"
    "PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20"
    "YE30";

std::size_t iban_length(std::string_view begin) noexcept {
  constexpr std::size_t entry_bytes = 4;
  for (std::size_t at = 0; at < iban_countries.size(); at += entry_bytes) {
    const std::string_view entry = iban_countries.substr(at, entry_bytes);
    if (entry.substr(0, 2) != begin.substr(0, 2)) continue;
    return static_cast<std::size_t>((entry[2] - '0') * 10 + (entry[3] - '0'));
  }
  return 0;
}

constexpr std::array<std::string_view, 5> iban_labels{"iban", "account", "账号", "帐号", "konto"};
constexpr CodeForm iban_forms[] = {{.mask = "aadd",
                                    .length = iban_length,
                                    .group = 4,
                                    .check = iban_valid,
                                    .clean_sides = false,
                                    .bytes_min = 15,
                                    .digits_min = 6,
                                    .alone = 0.97F,
                                    .claimed = 0.7F,
                                    .unlike = 0}};

// Accounts have no form of their own; those that begin like a card are one (claimed above).
bool is_account(std::string_view digits) noexcept {
  if (digits.size() < 15 || digits.size() > 19) return true;
  int prefix = 0;
  for (const char c : digits.substr(0, 4)) prefix = prefix * 10 + (c - '0');
  return std::ranges::none_of(issuers, [prefix, &digits](const PrefixRange& range) {
    return prefix >= range.first && prefix <= range.last &&
           (range.lengths >> digits.size() & 1U) != 0;
  });
}
constexpr DigitForm account_forms[] = {
    {.lengths = digits(8, 30), .must = is_account, .claimed = 0.75F}};
constexpr std::array<std::string_view, 27> account_labels{"account number",
                                                          "account no",
                                                          "bank account",
                                                          "acct",
                                                          "acct no",
                                                          "checking account",
                                                          "savings account",
                                                          "银行账号",
                                                          "银行账户",
                                                          "账号",
                                                          "帐号",
                                                          "开户账号",
                                                          "收款账号",
                                                          "对公账户",
                                                          "卡号",
                                                          "銀行帳號",
                                                          "帳號",
                                                          "银行卡号",
                                                          "存折账号",
                                                          "账户",
                                                          "账户号",
                                                          "账户号码",
                                                          "account num",
                                                          "bank account number",
                                                          "户号",
                                                          "银行账户号",
                                                          "结算账户"};

constexpr CodeForm lei_codes[] = {{.mask = "dddd00xxxxxxxxxxxxdd",
                                   .check = lei_valid,
                                   .digits_min = 8,
                                   .alone = 0.93F,
                                   .labelled = 0.97F},
                                  {.mask = "xxxxxxxxxxxxxxxxxxdd",
                                   .check = lei_valid,
                                   .digits_min = 4,
                                   .labelled = 0.95F,
                                   .claimed = 0.7F}};
constexpr std::array<std::string_view, 2> lei_labels{"lei", "legal entity identifier"};

// Bank, country, place; and a branch. Those without a digit are words like any other.
bool has_country(std::string_view bic) noexcept {
  constexpr std::string_view countries = iban_countries;
  constexpr std::string_view others = "US CN HK JP SG AU CA IN KR TW MO ZA NZ MX TH MY ID PH VN RU";
  for (std::size_t at = 0; at < countries.size(); at += 4) {
    if (countries.substr(at, 2) == bic.substr(4, 2)) return true;
  }
  return others.find(bic.substr(4, 2)) != others.npos;
}
constexpr CodeForm bic_codes[] = {
    {.mask = "aaaaaaxx", .must = has_country, .digits_min = 1, .claimed = 0.9F},
    {.mask = "aaaaaaxxxxx", .must = has_country, .digits_min = 1, .claimed = 0.9F}};
constexpr std::array<std::string_view, 7> bic_labels{
    "swift", "bic", "swift code", "swift bic", "bic swift", "swift代码", "国际汇款代码"};

constexpr NumberSpec rows[] = {
    {.type = {"bank_card", core::Category::pii, "BANK_CARD",
              "Payment card: issuer range, length and Luhn check (0.9; 0.98 with a label). Known "
              "false positives: one "
              "in ten serial numbers that begin like a card and have its length. Directly behind a "
              "label without the check 0.7."},
     .version = 4,
     .labels = card_labels,
     .digit_forms = card_forms},
    {.type = {"iban", core::Category::pii, "IBAN",
              "International bank account number: country, its length and MOD "
              "97-10 (0.97). Known false positives: "
              "one in 97 serial numbers of the very form. Directly behind a label without the "
              "check 0.7."},
     .version = 3,
     .labels = iban_labels,
     .code_forms = iban_forms},
    {.type = {"bank_account", core::Category::pii, "BANK_ACCOUNT",
              "Bank account of 8 to 30 digits directly behind a label (0.75)."},
     .labels = account_labels,
     .digit_forms = account_forms},
    {.type = {"lei", core::Category::pii, "LEI",
              "Legal entity identifier with its check digits (0.93 with the reserved zeros, else "
              "with a label)."},
     .labels = lei_labels,
     .code_forms = lei_codes},
    {.type = {"swift_bic", core::Category::pii, "SWIFT_BIC",
              "Bank identifier of 8 or 11 characters with a digit, directly behind a label (0.9); "
              "those of letters alone are not found."},
     .labels = bic_labels,
     .code_forms = bic_codes},
};

}  // namespace

std::span<const NumberSpec> payment_numbers() { return rows; }

}  // namespace menshen::detectors
