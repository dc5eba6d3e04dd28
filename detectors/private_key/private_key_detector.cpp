#include "detectors/detector.h"
#include "detectors/private_key/block_reader.h"

#include <array>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{"private_key", core::Category::secret, "PRIVATE_KEY",
                                 "PEM or OpenPGP private key block: its header line and base64 "
                                 "after it, to the end line or for as long as "
                                 "base64 goes on (0.98). A header without a key after it is none."};

constexpr std::string_view opening = "-----BEGIN";
class PrivateKey final : public Detector {
 public:
  std::string_view name() const noexcept override { return "private_key"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for (std::size_t at = window.text.find(opening, window.begin); at != window.text.npos;
         at = window.text.find(opening, at + 1)) {
      if (window.owns(at)) {
        matches.add_open(type, at, at + opening.size(), 0.98F, read_private_key_block, {}, true);
      }
    }
    return {};
  }

 private:
  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<std::string_view, 1> literals_{opening};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = opening.size(), .content = run_class::joiner, .literals = literals_}};
};

}  // namespace

const Detector& private_key_detector() {
  static const PrivateKey detector;
  return detector;
}

}  // namespace menshen::detectors
