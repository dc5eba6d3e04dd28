#include "detectors/values/national_checksum.h"

#include "detectors/values/boundary.h"
#include "detectors/values/checksum.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace menshen::detectors {
namespace {

bool all_digits(std::string_view text, std::size_t count) noexcept {
  return text.size() == count && std::ranges::all_of(text, is_digit);
}

// A=10 ... Z=35; -1: neither a digit nor a capital.
int value_of(char c) noexcept {
  if (is_digit(c)) return c - '0';
  return is_upper(c) ? c - 'A' + 10 : -1;
}

// Of the first characters, as many as there are weights.
template <std::size_t N>
int weighted(std::string_view text, const std::array<int, N>& weights) noexcept {
  int sum = 0;
  for (std::size_t i = 0; i < N; ++i) sum += weights[i] * value_of(text[i]);
  return sum;
}

int number_of(std::string_view digits) noexcept {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

}  // namespace

bool uscc_valid(std::string_view text) noexcept {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  constexpr std::array weights{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1};
  if (text.size() != weights.size()) return false;
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t value = alphabet.find(text[i]);
    if (value == alphabet.npos) return false;
    sum += weights[i] * static_cast<int>(value);
  }
  return sum % 31 == 0;
}

bool organization_code_valid(std::string_view text) noexcept {
  constexpr std::array weights{3, 7, 9, 10, 5, 8, 4, 2};
  if (text.size() != weights.size() + 1) return false;
  if (std::ranges::any_of(text, [](char c) { return value_of(c) < 0; })) return false;
  const int check = (11 - weighted(text, weights) % 11) % 11;
  return text.back() == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

bool hk_id_valid(std::string_view text) noexcept {
  if (text.size() != 8 && text.size() != 9) return false;
  const std::size_t letters = text.size() - 7;
  constexpr int blank = 36;
  int sum = letters == 1 ? 9 * blank : 0;
  int weight = letters == 1 ? 8 : 9;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (i < letters ? !is_upper(text[i]) : !is_digit(text[i])) return false;
    sum += weight-- * value_of(text[i]);
  }
  const int check = (11 - sum % 11) % 11;
  return text.back() == (check == 10 ? 'A' : static_cast<char>('0' + check));
}

bool tw_id_valid(std::string_view text) noexcept {
  // By the order in which counties were given their letters.
  constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
  if (text.size() != 10 || !all_digits(text.substr(1), 9)) return false;
  const std::size_t at = letters.find(text[0]);
  if (at == letters.npos) return false;
  const int letter = static_cast<int>(at) + 10;
  constexpr std::array weights{8, 7, 6, 5, 4, 3, 2, 1, 1};
  return (letter / 10 + letter % 10 * 9 + weighted(text.substr(1), weights)) % 10 == 0;
}

bool aba_valid(std::string_view digits) noexcept {
  constexpr std::array weights{3, 7, 1, 3, 7, 1, 3, 7, 1};
  return all_digits(digits, 9) && digits != "000000000" && weighted(digits, weights) % 10 == 0;
}

bool dea_valid(std::string_view text) noexcept {
  constexpr std::string_view registrants = "ABCDEFGHJKLMPRSTUX";
  if (text.size() != 9 || registrants.find(text[0]) == registrants.npos) return false;
  if (!is_upper(text[1]) && text[1] != '9') return false;
  const std::string_view digits = text.substr(2);
  constexpr std::array weights{1, 2, 1, 2, 1, 2};
  return all_digits(digits, 7) && weighted(digits, weights) % 10 == digits[6] - '0';
}

bool npi_valid(std::string_view digits) noexcept {
  if (!all_digits(digits, 10) || (digits[0] != '1' && digits[0] != '2')) return false;
  std::array<char, 15> prefixed{'8', '0', '8', '4', '0'};
  std::ranges::copy(digits, prefixed.begin() + 5);
  return luhn_valid({prefixed.data(), prefixed.size()});
}

bool nhs_valid(std::string_view digits) noexcept {
  constexpr std::array weights{10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
  return all_digits(digits, 10) && weighted(digits, weights) % 11 == 0;
}

bool au_tfn_valid(std::string_view digits) noexcept {
  constexpr std::array of_nine{1, 4, 3, 7, 5, 8, 6, 9, 10};
  constexpr std::array of_eight{10, 7, 8, 4, 6, 3, 5, 1};
  if (all_digits(digits, 8)) return weighted(digits, of_eight) % 11 == 0;
  return all_digits(digits, 9) && weighted(digits, of_nine) % 11 == 0;
}

bool au_abn_valid(std::string_view digits) noexcept {
  constexpr std::array weights{10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
  return all_digits(digits, 11) && digits[0] != '0' &&
         (weighted(digits, weights) - weights[0]) % 89 == 0;
}

bool au_acn_valid(std::string_view digits) noexcept {
  constexpr std::array weights{8, 7, 6, 5, 4, 3, 2, 1};
  return all_digits(digits, 9) && (10 - weighted(digits, weights) % 10) % 10 == digits.back() - '0';
}

bool au_medicare_valid(std::string_view digits) noexcept {
  constexpr std::array weights{1, 3, 7, 9, 1, 3, 7, 9};
  return all_digits(digits, 10) && digits[0] >= '2' && digits[0] <= '6' &&
         weighted(digits, weights) % 10 == digits[8] - '0';
}

bool sg_nric_valid(std::string_view text) noexcept {
  if (text.size() != 9 || !all_digits(text.substr(1, 7), 7)) return false;
  constexpr std::array weights{2, 7, 6, 5, 4, 3, 2};
  const int sum = weighted(text.substr(1), weights);
  const auto is = [&text](std::string_view letters, int remainder) {
    return text.back() == letters[static_cast<std::size_t>(remainder)];
  };
  switch (text[0]) {
    case 'S': return is("JZIHGFEDCBA", sum % 11);
    case 'T': return is("JZIHGFEDCBA", (sum + 4) % 11);
    case 'F': return is("XWUTRQPNMLK", sum % 11);
    case 'G': return is("XWUTRQPNMLK", (sum + 4) % 11);
    case 'M': return is("XWUTRQPNJLK", (sum + 3) % 11);
    default: return false;
  }
}

bool kr_rrn_valid(std::string_view digits) noexcept {
  constexpr std::array weights{2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};
  return all_digits(digits, 13) &&
         (11 - weighted(digits, weights) % 11) % 10 == digits.back() - '0';
}

bool jp_my_number_valid(std::string_view digits) noexcept {
  constexpr std::array weights{6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  if (!all_digits(digits, 12)) return false;
  const int remainder = weighted(digits, weights) % 11;
  return (remainder <= 1 ? 0 : 11 - remainder) == digits.back() - '0';
}

bool es_nif_valid(std::string_view text) noexcept {
  constexpr std::string_view letters = "TRWAGMYFPDXBNJZSQVHLCKE";
  if (text.size() != 9 || !all_digits(text.substr(1, 7), 7)) return false;
  int number = number_of(text.substr(1, 7));
  constexpr int place = 10'000'000;
  if (is_digit(text[0])) {
    number += (text[0] - '0') * place;
  } else if (text[0] >= 'X' && text[0] <= 'Z') {
    number += (text[0] - 'X') * place;
  } else {
    return false;
  }
  return text.back() == letters[static_cast<std::size_t>(number % 23)];
}

bool it_codice_fiscale_valid(std::string_view text) noexcept {
  constexpr std::string_view mask = "aaaaaaddaddaddda";
  constexpr std::string_view months = "ABCDEHLMPRST";
  constexpr std::string_view digit_letters = "LMNPQRSTUV";  // omocodia
  constexpr std::array odd{1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                           20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
  if (text.size() != mask.size() || months.find(text[8]) == months.npos) return false;
  int sum = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const char c = text[i];
    const bool fits =
        mask[i] == 'a' ? is_upper(c) : is_digit(c) || digit_letters.find(c) != digit_letters.npos;
    if (!fits) return false;
    if (i + 1 == mask.size()) break;
    const int value = is_digit(c) ? c - '0' : c - 'A';
    sum += i % 2 == 0 ? odd[static_cast<std::size_t>(value)] : value;
  }
  return text.back() - 'A' == sum % 26;
}

bool pl_pesel_valid(std::string_view digits) noexcept {
  constexpr std::array weights{1, 3, 7, 9, 1, 3, 7, 9, 1, 3};
  if (!all_digits(digits, 11)) return false;
  constexpr std::array centuries{1900, 2000, 2100, 2200, 1800};
  const int month = number_of(digits.substr(2, 2));
  const int year = centuries[static_cast<std::size_t>(month / 20)] + number_of(digits.substr(0, 2));
  return is_date(year, month % 20, number_of(digits.substr(4, 2))) &&
         (10 - weighted(digits, weights) % 10) % 10 == digits.back() - '0';
}

bool fi_hetu_valid(std::string_view text) noexcept {
  constexpr std::string_view checks = "0123456789ABCDEFHJKLMNPRSTUVWXY";
  constexpr std::string_view centuries = "ABCDEFYXWVU";
  if (text.size() == 11 && centuries.find(text[6]) == centuries.npos) return false;
  if (text.size() != 10 && text.size() != 11) return false;
  const std::string_view birth = text.substr(0, 6);
  const std::string_view serial = text.substr(text.size() - 4, 3);
  if (!all_digits(birth, 6) || !all_digits(serial, 3)) return false;
  const int day = number_of(birth.substr(0, 2));
  const int month = number_of(birth.substr(2, 2));
  constexpr int leap_year = 2000;  // the century is another
  if (!is_date(leap_year, month, day)) return false;
  const int number = number_of(birth) * 1000 + number_of(serial);
  return text.back() == checks[static_cast<std::size_t>(number % 31)];
}

bool de_tax_id_valid(std::string_view digits) noexcept {
  if (!all_digits(digits, 11) || digits[0] == '0' || !mod11_10_valid(digits)) return false;
  std::array<int, 10> times{};
  for (const char c : digits.substr(0, 10)) ++times[static_cast<std::size_t>(c - '0')];
  const auto repeated = std::ranges::count_if(times, [](int n) { return n > 1; });
  return repeated == 1 && std::ranges::max(times) <= 3;
}

bool fr_nir_valid(std::string_view text) noexcept {
  if (text.size() != 15 || (text[0] != '1' && text[0] != '2')) return false;
  std::array<char, 15> digits{};
  std::ranges::copy(text, digits.begin());
  if (text[5] == '2' && (text[6] == 'A' || text[6] == 'B')) {
    digits[5] = '1';
    digits[6] = text[6] == 'A' ? '9' : '8';
  }
  const std::string_view number(digits.data(), digits.size());
  if (!all_digits(number, 15)) return false;
  int remainder = 0;
  for (const char c : number.substr(0, 13)) remainder = (remainder * 10 + (c - '0')) % 97;
  return 97 - remainder == number_of(number.substr(13));
}

bool br_cpf_valid(std::string_view digits) noexcept {
  if (!all_digits(digits, 11) || digits.find_first_not_of(digits[0]) == digits.npos) return false;
  constexpr std::array first{10, 9, 8, 7, 6, 5, 4, 3, 2};
  constexpr std::array second{11, 10, 9, 8, 7, 6, 5, 4, 3, 2};
  const auto check = [](int sum) { return sum % 11 < 2 ? 0 : 11 - sum % 11; };
  return check(weighted(digits, first)) == digits[9] - '0' &&
         check(weighted(digits, second)) == digits[10] - '0';
}

bool br_cnpj_valid(std::string_view text) noexcept {
  if (text.size() != 14 || !all_digits(text.substr(12), 2)) return false;
  if (text.find_first_not_of(text[0]) == text.npos) return false;
  static constexpr std::array weights{6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
  const auto check = [text](std::size_t count) {
    int sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (value_of(text[i]) < 0) return -1;
      sum += weights[weights.size() - count + i] * (text[i] - '0');
    }
    return sum % 11 < 2 ? 0 : 11 - sum % 11;
  };
  return check(12) == text[12] - '0' && check(13) == text[13] - '0';
}

}  // namespace menshen::detectors
