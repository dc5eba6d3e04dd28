// Postal addresses: see README.md.
#include "detectors/address/bounds.h"
#include "detectors/address/chinese.h"
#include "detectors/address/latin.h"
#include "detectors/address/text.h"
#include "detectors/detector.h"

#include <array>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{
    "address",
    core::Category::name,
    "ADDRESS",
    "Postal address with a street, an estate or a village and a number, Chinese and English (0.65 "
    "to 0.95); other languages with a postal code or a label (0.5 to 0.95). Known false positives: "
    "addresses of shops and offices, which are nobody's home.",
    {core::FindingClass::hipaa_b}};

class Address final : public Detector {
 public:
  std::string_view name() const noexcept override { return "address"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return {}; }
  bool reads_around() const noexcept override { return true; }

  Worth worth_around(std::string_view before, std::string_view behind,
                     bool last) const noexcept override {
    return address::worth_of_number(before, behind, last);
  }
  std::size_t open_from(std::string_view text) const noexcept override {
    return address::earliest_begin(text);
  }

  core::Result<void> scan(const Window&, Matches&) const override { return {}; }

  core::Result<bool> around(const AroundWindow& window, Matches& matches) const override {
    const address::Text text(window);
    address::Found found = address::read_chinese(text);
    if (found.sure <= 0) found = address::read_latin(text);
    if (!text.known()) return false;
    constexpr float sure_min = .5F;
    if (found.sure >= sure_min) {
      matches.add(type, text.byte_of(found.begin), text.byte_of(found.end), found.sure);
    }
    return true;
  }

 private:
  static constexpr std::array<const core::FindingType*, 1> types_{&type};
};

}  // namespace

const Detector& address_detector() {
  static const Address detector;
  return detector;
}

}  // namespace menshen::detectors
