// Check digits that states give to people and to companies, as those of checksum.h.
#pragma once

#include <string_view>

namespace menshen::detectors {

// China. GB 32100: 18 of 31 characters (no I O S V Z), weights 3^i mod 31. GB 11714: eight and a
// check digit or 'X', weights 3 7 9 10 5 8 4 2, mod 11.
[[nodiscard]] bool uscc_valid(std::string_view text) noexcept;
[[nodiscard]] bool organization_code_valid(std::string_view text) noexcept;
// Hong Kong: one or two letters, six digits and a check of 0-9, A; weights 9 to 2, mod 11.
// Taiwan: a letter and nine digits; the letter's two digits weigh 1 and 9, mod 10.
[[nodiscard]] bool hk_id_valid(std::string_view text) noexcept;
[[nodiscard]] bool tw_id_valid(std::string_view text) noexcept;

// United States. Bank routing: weights 3 7 1, mod 10. DEA: a registrant's two letters (the second
// may be 9) and seven digits. NPI: Luhn behind 80840.
[[nodiscard]] bool aba_valid(std::string_view digits) noexcept;
[[nodiscard]] bool dea_valid(std::string_view text) noexcept;
[[nodiscard]] bool npi_valid(std::string_view digits) noexcept;

// Britain, NHS: weights 10 to 2, mod 11.
[[nodiscard]] bool nhs_valid(std::string_view digits) noexcept;

// Australia. TFN (8 or 9 digits): mod 11. ABN: mod 89. ACN: weights 8 to 1, mod 10. Medicare (10):
// the ninth digit checks the first eight, mod 10.
[[nodiscard]] bool au_tfn_valid(std::string_view digits) noexcept;
[[nodiscard]] bool au_abn_valid(std::string_view digits) noexcept;
[[nodiscard]] bool au_acn_valid(std::string_view digits) noexcept;
[[nodiscard]] bool au_medicare_valid(std::string_view digits) noexcept;

// Singapore, NRIC and FIN: weights 2 7 6 5 4 3 2, by series a letter of mod 11.
[[nodiscard]] bool sg_nric_valid(std::string_view text) noexcept;
// South Korea: weights 2..9 2..5, mod 11 (issued until October 2020).
[[nodiscard]] bool kr_rrn_valid(std::string_view digits) noexcept;
// Japan, individual number: weights 6..2 7..2, mod 11.
[[nodiscard]] bool jp_my_number_valid(std::string_view digits) noexcept;

// Spain: number mod 23 to a letter; NIE begins with X, Y, Z for 0, 1, 2.
[[nodiscard]] bool es_nif_valid(std::string_view text) noexcept;
// Italy: values by odd and even places, mod 26; letters that stand for digits (omocodia) too.
[[nodiscard]] bool it_codice_fiscale_valid(std::string_view text) noexcept;
// Poland: weights 1 3 7 9, mod 10, and a date of birth whose month tells the century.
[[nodiscard]] bool pl_pesel_valid(std::string_view digits) noexcept;
// Finland: ten digits or nine and a letter, the century mark left out or in place 7; mod 31.
[[nodiscard]] bool fi_hetu_valid(std::string_view text) noexcept;
// Germany, tax number of persons: MOD 11,10; of the first ten digits exactly one is repeated, twice
// or three times.
[[nodiscard]] bool de_tax_id_valid(std::string_view digits) noexcept;
// France, 15 characters with 2A and 2B for Corsica: 97 minus the number mod 97.
[[nodiscard]] bool fr_nir_valid(std::string_view text) noexcept;
// Brazil: two digits of mod 11. Companies have letters since July 2026, each its ASCII code
// minus 48.
[[nodiscard]] bool br_cpf_valid(std::string_view digits) noexcept;
[[nodiscard]] bool br_cnpj_valid(std::string_view text) noexcept;

}  // namespace menshen::detectors
