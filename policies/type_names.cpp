#include "policies/type_names.h"

#include "core/yaml_reader.h"

#include <algorithm>
#include <array>
#include <string>

namespace menshen::policies {
namespace {

struct OtherName {
  std::string_view name;
  std::string_view type;
};

// By the names of Presidio, of cloud services, and of people.
constexpr std::array other_names{
    OtherName{"ssn", "us_ssn"},
    OtherName{"social_security_number", "us_ssn"},
    OtherName{"credit_card", "bank_card"},
    OtherName{"credit_card_number", "bank_card"},
    OtherName{"credit_debit_number", "bank_card"},
    OtherName{"card_number", "bank_card"},
    OtherName{"pan", "bank_card"},
    OtherName{"bank_account_number", "bank_account"},
    OtherName{"us_bank_number", "bank_account"},
    OtherName{"iban_code", "iban"},
    OtherName{"swift", "swift_bic"},
    OtherName{"phone_number", "phone"},
    OtherName{"phone_number", "cn_mobile"},
    OtherName{"telephone", "phone"},
    OtherName{"mobile", "cn_mobile"},
    OtherName{"mobile", "phone"},
    OtherName{"email_address", "email"},
    OtherName{"mail", "email"},
    OtherName{"ip", "ip_address"},
    OtherName{"ipv4", "ip_address"},
    OtherName{"ipv6", "ip_address"},
    OtherName{"mac", "mac_address"},
    OtherName{"crypto", "crypto_address"},
    OtherName{"id_card", "cn_resident_id"},
    OtherName{"identity_card", "cn_resident_id"},
    OtherName{"national_id", "cn_resident_id"},
    OtherName{"driver_license", "us_driver_license"},
    OtherName{"drivers_license", "us_driver_license"},
    OtherName{"license_plate", "vehicle_plate"},
    OtherName{"birthday", "date_of_birth"},
    OtherName{"dob", "date_of_birth"},
    OtherName{"mrn", "medical_record_number"},
    OtherName{"zip", "postal_code"},
    OtherName{"zip_code", "postal_code"},
    OtherName{"api_key", "generic_secret"},
    OtherName{"api_key", "provider_api_key"},
    OtherName{"api_key", "llm_api_key"},
    OtherName{"secret", "generic_secret"},
    OtherName{"token", "generic_secret"},
    OtherName{"access_key", "aws_access_key"},
    OtherName{"name", "person"},
    OtherName{"person_name", "person"},
    OtherName{"people", "person"},
    OtherName{"organization", "organisation"},
    OtherName{"company", "organisation"},
    OtherName{"city", "location"},
    OtherName{"gpe", "location"},
    OtherName{"street_address", "address"},
    OtherName{"postal_address", "address"},
    OtherName{"mailing_address", "address"},
    OtherName{"身份证", "cn_resident_id"},
    OtherName{"身份证号", "cn_resident_id"},
    OtherName{"手机", "cn_mobile"},
    OtherName{"手机号", "cn_mobile"},
    OtherName{"电话", "phone"},
    OtherName{"电话号码", "phone"},
    OtherName{"邮箱", "email"},
    OtherName{"电子邮件", "email"},
    OtherName{"银行卡", "bank_card"},
    OtherName{"银行卡号", "bank_card"},
    OtherName{"银行账号", "bank_account"},
    OtherName{"护照", "cn_passport"},
    OtherName{"车牌", "vehicle_plate"},
    OtherName{"车牌号", "vehicle_plate"},
    OtherName{"密码", "password"},
    OtherName{"密钥", "generic_secret"},
    OtherName{"微信", "wechat_id"},
    OtherName{"社会信用代码", "cn_uscc"},
    OtherName{"统一社会信用代码", "cn_uscc"},
    OtherName{"社保卡", "cn_social_security_card"},
    OtherName{"姓名", "person"},
    OtherName{"人名", "person"},
    OtherName{"公司", "organisation"},
    OtherName{"机构", "organisation"},
    OtherName{"地址", "address"},
    OtherName{"住址", "address"},
    OtherName{"地名", "location"},
};

std::string plain(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (c == ' ' || c == '-') c = '_';
  }
  return out;
}

bool has_word(std::string_view name, std::string_view word) {
  for (std::size_t at = name.find(word); at != std::string_view::npos;
       at = name.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || name[at - 1] == '_') && (end == name.size() || name[end] == '_')) return true;
  }
  return false;
}

// Whether one of them has all the words of the other, side by side.
bool shares_words(std::string_view a, std::string_view b) {
  return has_word(a, b) || has_word(b, a);
}

}  // namespace

std::vector<std::string_view> types_meant(std::string_view name,
                                          std::span<const std::string_view> known) {
  constexpr std::size_t bytes_max = 64;
  if (name.size() > bytes_max) return {};
  const std::string said = plain(name);
  std::vector<std::string_view> out;
  const auto add = [&](std::string_view type) {
    const bool is_known = std::ranges::find(known, type) != known.end();
    if (is_known && std::ranges::find(out, type) == out.end() && out.size() < types_meant_max)
      out.push_back(type);
  };
  for (const OtherName& other : other_names) {
    if (other.name == said) add(other.type);
  }
  if (!out.empty()) return out;
  add(core::nearest_name(said, known));
  for (const std::string_view type : known) {
    if (shares_words(type, said)) add(type);
  }
  return out;
}

}  // namespace menshen::policies
