// Vehicles and devices.
#include "detectors/numbers/number_spec.h"
#include "detectors/text/leads.h"
#include "detectors/values/boundary.h"
#include "detectors/values/checksum.h"

#include <algorithm>
#include <bitset>

namespace menshen::detectors {
namespace {

std::size_t digits_in(std::string_view value) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(value, is_digit));
}

// The serial number is digits.
bool ends_in_serial(std::string_view value) noexcept {
  return std::ranges::all_of(value.substr(value.size() - 4), is_digit);
}
bool is_mixed_vin(std::string_view value) noexcept {
  constexpr std::size_t letters_min = 3;
  return vin_valid(value) && value.size() - digits_in(value) >= letters_min;
}
constexpr CodeForm vin_codes[] = {{.mask = "xxxxxxxxxxxxxxxxx",
                                   .alphabet = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
                                   .check = is_mixed_vin,
                                   .must = ends_in_serial,
                                   .digits_min = 4,
                                   .alone = 0.85F,
                                   .labelled = 0.97F,
                                   .claimed = 0.7F}};
constexpr std::array<std::string_view, 11> vin_labels{
    "vin",        "vin码",        "车架号",
    "车架",       "车辆识别代号", "车辆识别代码",
    "车辆识别码", "車架號",       "vehicle identification",
    "chassis",    "chassis no"};

// Of five places behind the city's letter at most two are letters; of six, one or two.
bool is_plate(std::string_view value) noexcept { return digits_in(value) >= 3; }
bool is_new_energy(std::string_view value) noexcept {
  constexpr std::string_view kinds = "ABCDEFGHJK";
  const auto is_kind = [&kinds](char c) { return kinds.find(c) != kinds.npos; };
  const std::string_view six = value.substr(1);
  return (is_kind(six[0]) && digits_in(six.substr(2)) == 4) ||
         (is_kind(six[5]) && digits_in(six.substr(0, 5)) == 5);
}
constexpr std::string_view plate_alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
constexpr CodeForm plate(std::string_view mask, Check must) {
  return {.mask = mask,
          .alphabet = plate_alphabet,
          .must = must,
          .digits_min = 3,
          .alone = 0.9F,
          .labelled = 0.97F,
          .claimed = 0.97F,
          .leads = plate_leads};
}
// Of schools of driving, trailers, police, Hong Kong, Macao, embassies and consulates: four places
// and a Han that says which.
constexpr CodeForm closed_plate(std::string_view mask) {
  CodeForm form = plate(mask, is_plate);
  form.closings = U"学挂警港澳使领";
  return form;
}
// Other countries have both letters and digits on most of theirs.
bool is_mixed(std::string_view value) noexcept {
  return digits_in(value) >= 2 && digits_in(value) < value.size();
}
constexpr CodeForm plate_codes[] = {
    plate("axxxxx", is_plate),
    plate("a.xxxxx", is_plate),
    plate("axxxxxx", is_new_energy),
    plate("a.xxxxxx", is_new_energy),
    plate("a-xxxxx", is_plate),
    plate("a-xxxxxx", is_new_energy),
    closed_plate("axxxx"),
    closed_plate("a.xxxx"),
    closed_plate("a-xxxx"),
    {.mask = "dddddd", .digits_min = 6, .claimed = 0.85F, .closings = U"使领"},
    {.mask = "xxxxx", .most = 8, .must = is_mixed, .digits_min = 3, .claimed = 0.75F},
    {.mask = "xxx-xxx", .most = 8, .must = is_mixed, .digits_min = 3, .claimed = 0.75F}};
constexpr std::array<std::string_view, 16> plate_labels{"车牌",
                                                        "车牌号",
                                                        "车牌号码",
                                                        "车号",
                                                        "牌照",
                                                        "号牌",
                                                        "車牌",
                                                        "車牌號碼",
                                                        "license plate",
                                                        "licence plate",
                                                        "plate number",
                                                        "plate no",
                                                        "number plate",
                                                        "vehicle registration",
                                                        "registration plate",
                                                        "车辆牌照"};

constexpr Grouping imei_groups[] = {{{2, 6, 6, 1}}, {{6, 2, 6, 1}}, {{8, 6, 1}}};
constexpr DigitForm imei_forms[] = {{.lengths = digits(15),
                                     .check = luhn_valid,
                                     .groupings = imei_groups,
                                     .labelled = usual(0.95F),
                                     .claimed = 0.7F},
                                    {.lengths = digits(16), .claimed = 0.7F}};
constexpr std::array<std::string_view, 7> imei_labels{"imei", "imei1",    "imei2",   "imeisv",
                                                      "串号", "设备串号", "手机串号"};

constexpr PrefixRange china_mobile_country[] = {{460, 461}};
constexpr DigitForm imsi_forms[] = {{.lengths = digits(15),
                                     .prefix_digits = 3,
                                     .prefixes = china_mobile_country,
                                     .labelled = usual(0.9F),
                                     .claimed = 0.95F},
                                    {.lengths = digits(14, 15), .claimed = 0.9F}};
constexpr std::array<std::string_view, 3> imsi_labels{"imsi", "国际移动用户识别码", "用户识别码"};

constexpr PrefixRange telecom_cards[] = {{89, 89}};
constexpr DigitForm iccid_forms[] = {{.lengths = digits(19, 20),
                                      .prefix_digits = 2,
                                      .prefixes = telecom_cards,
                                      .check = luhn_valid,
                                      .labelled = usual(0.95F),
                                      .claimed = 0.85F}};
constexpr std::array<std::string_view, 7> iccid_labels{
    "iccid", "sim", "sim卡号", "sim卡", "sim card", "sim number", "集成电路卡识别码"};

// Neither a pattern for examples (aa:bb:cc..., 00:00:...) nor a broadcast.
bool is_hardware_address(std::string_view value) noexcept {
  std::bitset<256> seen;
  bool doubled = true;
  for (std::size_t i = 0; i < value.size(); ++i) {
    seen.set(static_cast<unsigned char>(value[i]));
    doubled = doubled && value[i] == value[i - i % 2];
  }
  return !doubled && seen.count() >= 4;
}
constexpr CodeForm mac(std::string_view mask, float alone) {
  return {.mask = mask,
          .alphabet = "0123456789ABCDEF",
          .must = is_hardware_address,
          .digits_min = 2,
          .alone = alone,
          .labelled = alone == 0 ? 0 : 0.95F,
          .claimed = 0.97F};
}
constexpr CodeForm mac_codes[] = {mac("xx:xx:xx:xx:xx:xx", 0.85F), mac("xx-xx-xx-xx-xx-xx", 0.85F),
                                  mac("xxxx.xxxx.xxxx", 0.7F), mac("xxxxxxxxxxxx", 0)};
constexpr std::array<std::string_view, 11> mac_labels{
    "mac",    "mac地址", "mac address",      "物理地址",         "网卡地址", "hardware address",
    "hwaddr", "ether",   "ethernet address", "physical address", "bssid"};

constexpr NumberSpec rows[] = {
    {.type = {"vin",
              core::Category::pii,
              "VIN",
              "Vehicle identification number with its check character (0.85; 0.97 with a label); "
              "behind a label without it 0.7.",
              {core::FindingClass::hipaa_l}},
     .labels = vin_labels,
     .code_forms = vin_codes},
    {.type =
         {"vehicle_plate",
          core::Category::pii,
          "VEHICLE_PLATE",
          "Chinese plates, ordinary, of new energy and those that a Han ends (学, 港), with their "
          "province (0.9); any of 5 to 8 letters and digits directly behind a label (0.75).",
          {core::FindingClass::hipaa_l}},
     .version = 3,
     .labels = plate_labels,
     .code_forms = plate_codes},
    {.type = {"imei",
              core::Category::pii,
              "IMEI",
              "Device number of 15 digits with a label: Luhn check 0.95, without 0.7.",
              {core::FindingClass::hipaa_m}},
     .labels = imei_labels,
     .digit_forms = imei_forms},
    {.type = {"imsi",
              core::Category::pii,
              "IMSI",
              "Subscriber number of 15 digits with a label (0.9).",
              {core::FindingClass::hipaa_m}},
     .labels = imsi_labels,
     .digit_forms = imsi_forms},
    {.type = {"iccid",
              core::Category::pii,
              "ICCID",
              "SIM card number, 89 and 17 or 18 digits, with a label: Luhn check 0.95, without "
              "0.85.",
              {core::FindingClass::hipaa_m}},
     .labels = iccid_labels,
     .digit_forms = iccid_forms},
    {.type = {"mac_address",
              core::Category::pii,
              "MAC_ADDRESS",
              "Hardware address in pairs (0.85) or as Cisco writes it (0.7), not those of "
              "examples; twelve digits together directly behind a label (0.97).",
              {core::FindingClass::hipaa_m}},
     .version = 3,
     .labels = mac_labels,
     .code_forms = mac_codes},
};

}  // namespace

std::span<const NumberSpec> device_numbers() { return rows; }

}  // namespace menshen::detectors
