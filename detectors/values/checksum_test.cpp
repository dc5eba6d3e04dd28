#include "detectors/values/checksum.h"

#include "detectors/values/crypto_address.h"
#include "detectors/values/national_checksum.h"

#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {
namespace {

// Every other digit in every digit's place breaks the check: what mod 10, 11-2 and 97-10 guarantee.
void expect_single_errors_caught(const std::string& good,
                                 const std::function<bool(std::string_view)>& valid) {
  ASSERT_TRUE(valid(good)) << good;
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (std::isdigit(static_cast<unsigned char>(good[i])) == 0) continue;
    for (char c = '0'; c <= '9'; ++c) {
      std::string bad = good;
      bad[i] = c;
      EXPECT_EQ(valid(bad), c == good[i]) << bad;
    }
  }
}

// Test numbers that the networks publish.
TEST(Luhn, KnownNumbers) {
  for (const char* good :
       {"4111111111111111", "5555555555554444", "378282246310005", "6011111111111117",
        "3530111333300000", "6200000000000005", "6205500000000000004", "490154203237518"}) {
    expect_single_errors_caught(good, luhn_valid);
  }
  for (const char* bad :
       {"6222026006705354217", "4111111111111112", "490154203237519", "", "4111 1111", "a"}) {
    EXPECT_FALSE(luhn_valid(bad)) << bad;
  }
}

TEST(Luhn, MissesOnlyTheTranspositionOfZeroAndNine) {
  for (const std::string good :
       {"6200000000000005", "5555555555554444", "378282246310005", "2720990000000007"}) {
    for (std::size_t i = 0; luhn_valid(good) && i + 1 < good.size(); ++i) {
      std::string swapped = good;
      std::swap(swapped[i], swapped[i + 1]);
      const std::string pair = good.substr(i, 2);
      EXPECT_EQ(luhn_valid(swapped), good[i] == good[i + 1] || pair == "09" || pair == "90")
          << swapped;
    }
  }
  EXPECT_TRUE(luhn_valid("0901") == luhn_valid("9001"));
}

// The worked examples of GB 11643, and specimens that the National Immigration Administration and
// the police of Beijing published.
TEST(Mod112, KnownNumbers) {
  for (const char* good :
       {"11010519491231002X", "440524188001010014", "360426199101010071", "810000199408230021",
        "830000199201300022", "911124198108030024", "932682198501010017"}) {
    expect_single_errors_caught(good, mod11_2_valid);
  }
  EXPECT_TRUE(mod11_2_valid("11010519491231002x"));
  for (const char* bad : {"110105194912310025", "810000199408230023", "911124198108030025",
                          "1101051949123100X2", "11010519491231002", "11010519491231002XX"}) {
    EXPECT_FALSE(mod11_2_valid(bad)) << bad;
  }
}

// Examples of the IBAN registry.
TEST(Iban, KnownNumbers) {
  for (const char* good :
       {"GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606",
        "NO9386011117947", "MT84MALT011000012345MTLCAST001S"}) {
    expect_single_errors_caught(good, iban_valid);
  }
  EXPECT_TRUE(iban_valid("gb82west12345698765432"));
  for (const char* bad : {"GB82WEST12345698765433", "", "GB82", "GB82 WEST 1234 5698 7654 32"}) {
    EXPECT_FALSE(iban_valid(bad)) << bad;
  }
}

// Public examples of each issuer, and the same with an error.
struct Vectors {
  std::string_view name;
  bool (*valid)(std::string_view) noexcept;
  std::vector<std::string_view> good;
  std::vector<std::string_view> bad;
};

const std::vector<Vectors>& vectors() {
  static const std::vector<Vectors> all{
      {"lei", lei_valid, {"213800KUD8LAJWSQ9D15"}, {"213800KUD8LAJWSQ9D16"}},
      {"mod11_10", mod11_10_valid, {"86095742719"}, {"86095742718"}},
      {"aadhaar", verhoeff_valid, {"234123412346", "999941057058"}, {"234123412347"}},
      {"vin",
       vin_valid,
       {"1M8GDM9AXKP042788", "11111111111111111", "LSVHJ133022221761"},
       {"1M8GDM9A1KP042788", "1M8GDM9AXKP04278O", "1M8GDM9AXKQ042788"}},
      {"uscc",
       uscc_valid,
       {"91350100M000100Y43", "91110000600037341L"},
       {"91350100M000100Y4Z", "91310115MA1G4L1WXK", "91350100I000100Y43"}},
      {"organization", organization_code_valid, {"D2143569X", "600037341"}, {"D21435691"}},
      {"hk", hk_id_valid, {"A1234563", "AB9876543"}, {"G1234569", "A1234564", "11234563"}},
      {"tw", tw_id_valid, {"A123456789"}, {"A123456788", "1123456789"}},
      {"aba", aba_valid, {"111000025", "021000021"}, {"111000026", "000000000"}},
      {"dea", dea_valid, {"AB1234563", "F91234563"}, {"AB1234564", "NB1234563"}},
  };
  return all;
}

const std::vector<Vectors>& more_vectors() {
  static const std::vector<Vectors> all{
      {"npi", npi_valid, {"1234567893"}, {"1234567894", "3234567893"}},
      {"nhs", nhs_valid, {"9434765870"}, {"9434765871"}},
      {"tfn", au_tfn_valid, {"123456782", "876543210"}, {"999999999", "123456783"}},
      {"abn", au_abn_valid, {"51824753556", "83914571673"}, {"99999999999", "51824753557"}},
      {"acn", au_acn_valid, {"004085616"}, {"010499965"}},
      {"medicare", au_medicare_valid, {"2123456701", "2428778132"}, {"2123258701", "9123456701"}},
      {"nric",
       sg_nric_valid,
       {"S1234567D", "T1234567J", "F1234567N", "G1234567X", "M1234567K"},
       {"T1234567Z", "G1122144L", "A1234567D"}},
      {"rrn", kr_rrn_valid, {"9710139019902"}, {"9710139019903"}},
      {"my_number", jp_my_number_valid, {"621498320257", "123456789018"}, {"621498320258"}},
      {"nif", es_nif_valid, {"12345678Z", "54362315K", "X2482300W"}, {"54362315Z", "A2482300W"}},
      {"codice",
       it_codice_fiscale_valid,
       {"RCCMNL83S18D969H", "RSSMRA85T10A562S", "RSSMRA85T10A56NH"},
       {"RSSMRA85T10A562T", "RSSMRA85Z10A562S"}},
      {"pesel", pl_pesel_valid, {"44051401359"}, {"44051401358", "44131401359"}},
      {"hetu", fi_hetu_valid, {"131052308T", "131052A308T"}, {"131052308U", "311352308T"}},
      {"steuer", de_tax_id_valid, {"36574261809", "86095742719"}, {"36574261890"}},
      {"nir", fr_nir_valid, {"295109912611193"}, {"295109912611199", "395109912611193"}},
      {"cpf", br_cpf_valid, {"39053344705", "11144477735"}, {"23100299900", "11111111111"}},
      {"cnpj", br_cnpj_valid, {"16727230000197", "12ABC34501DE35"}, {"12ABC34501DE36"}},
      {"base58",
       base58check_valid,
       {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
       {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN0"}},
      {"bech32",
       bech32_valid,
       {"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"},
       {"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5",
        "Bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"}},
      {"ethereum",
       ethereum_valid,
       {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"},
       {"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg"}},
  };
  return all;
}

void expect_as_published(const Vectors& vectors) {
  for (const std::string_view good : vectors.good) {
    EXPECT_TRUE(vectors.valid(good)) << vectors.name << " " << good;
    EXPECT_FALSE(vectors.valid(good.substr(1))) << vectors.name << " " << good;
    EXPECT_FALSE(vectors.valid(std::string(good) + "/")) << vectors.name << " " << good;
  }
  for (const std::string_view bad : vectors.bad) {
    EXPECT_FALSE(vectors.valid(bad)) << vectors.name << " " << bad;
  }
  EXPECT_FALSE(vectors.valid("")) << vectors.name;
}

TEST(Checksums, KnownNumbers) {
  for (const Vectors& each : vectors()) expect_as_published(each);
  for (const Vectors& each : more_vectors()) expect_as_published(each);
}

// Verhoeff finds every error in one digit and every transposition of neighbours.
TEST(Verhoeff, FindsTranspositions) {
  const std::string good = "234123412346";
  expect_single_errors_caught(good, verhoeff_valid);
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {
    std::string swapped = good;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_EQ(verhoeff_valid(swapped), good[i] == good[i + 1]) << swapped;
  }
}

TEST(Date, Calendar) {
  EXPECT_TRUE(is_date(2000, 2, 29) && is_date(2024, 2, 29) && is_date(1999, 12, 31));
  EXPECT_FALSE(is_date(1900, 2, 29) || is_date(2023, 2, 29) || is_date(2023, 4, 31) ||
               is_date(2023, 13, 1) || is_date(2023, 0, 1) || is_date(2023, 1, 0));
}

}  // namespace
}  // namespace menshen::detectors
