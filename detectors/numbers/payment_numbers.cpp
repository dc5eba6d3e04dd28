// Cards and accounts.
#include "detectors/numbers/number_spec.h"
#include "detectors/values/checksum.h"

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

constexpr std::array<std::string_view, 27> card_labels{
    "card",  "cards",  "visa",    "mastercard", "amex", "unionpay", "credit",
    "debit", "pan",    "account", "payment",    "bank", "cc",       "银行卡",
    "卡号",  "信用卡", "储蓄卡",  "借记卡",     "账号", "帐号",     "账户",
    "帐户",  "刷卡",   "銀行卡",  "信用卡號",   "卡號", "付款"};

constexpr Grouping card_groups[] = {{{4, 4, 4, 4}},    {{4, 4, 4, 4, 3}}, {{6, 13}},
                                    {{4, 6, 5}},       {{4, 6, 4}},       {{4, 4, 4, 4, 2}},
                                    {{4, 4, 4, 4, 1}}, {{6, 10}}};

// Diners Club's 14 digits are those of many other numbers.
constexpr DigitForm card(Lengths lengths, float alone_together) {
  return {.lengths = lengths,
          .prefix_digits = 4,
          .prefixes = issuers,
          .check = luhn_valid,
          .groupings = card_groups,
          .unlike = unlike::labelled_otherwise | unlike::quantity,
          .alone = {.together = alone_together, .grouped = 0.9F, .few = 0.65F, .scattered = 0.65F},
          .labelled = {.together = 0.98F, .grouped = 0.98F, .few = 0.85F, .scattered = 0.85F}};
}
constexpr DigitForm card_forms[] = {card(digits(12, 13) | digits(15, 19), 0.9F),
                                    card(digits(14), 0.6F)};

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

constexpr CodeForm iban_forms[] = {{.mask = "aadd",
                                    .length = iban_length,
                                    .group = 4,
                                    .check = iban_valid,
                                    .clean_sides = false,
                                    .bytes_min = 15,
                                    .digits_min = 6,
                                    .alone = 0.97F}};

constexpr NumberSpec rows[] = {
    {.type = {"bank_card", core::Category::pii, "BANK_CARD",
              "Payment card: issuer range, length and Luhn check (0.9; 0.98 with a label). Known "
              "false positives: one "
              "in ten serial numbers that begin like a card and have its length."},
     .labels = card_labels,
     .digit_forms = card_forms},
    {.type = {"iban", core::Category::pii, "IBAN",
              "International bank account number: country, its length and MOD "
              "97-10 (0.97). Known false positives: "
              "one in 97 serial numbers of the very form."},
     .code_forms = iban_forms},
};

}  // namespace

std::span<const NumberSpec> payment_numbers() { return rows; }

}  // namespace menshen::detectors
