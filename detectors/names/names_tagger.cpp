// Names of people, organisations and places, by a trained model: see README.md.
#include "detectors/names/finder.h"
#include "detectors/names/model.h"
#include "detectors/tagger.h"

#include <array>

namespace menshen::detectors {

std::string_view names_model();  // model.bin

namespace names {
namespace {

constexpr core::FindingType person{
    "person",
    core::Category::name,
    "PERSON",
    "Name of a person, told by a trained model from the words around; English and Chinese. Known "
    "false positives: fictional people, titles of works.",
    {core::FindingClass::hipaa_a}};
constexpr core::FindingType organisation{
    "organisation", core::Category::name, "ORGANISATION",
    "Name of a company, an authority, a school and the like, by the same model as person."};
constexpr core::FindingType location{
    "location",
    core::Category::name,
    "LOCATION",
    "Name of a city, a country, a region, by the same model as person.",
    {core::FindingClass::hipaa_b}};
constexpr std::array<const core::FindingType*, 3> all{&person, &organisation, &location};

// Built in; a build whose file is broken does not start.
const Model& built_in() {
  static const Model model = Model::read(names_model()).value();
  return model;
}

class Names final : public Tagger {
 public:
  std::string_view name() const noexcept override { return "names"; }
  unsigned version() const noexcept override { return built_in().version(); }
  std::span<const core::FindingType* const> types() const noexcept override { return all; }

  core::Result<void> tag(const TokenWindow& window, TaggerState& state,
                         Matches& matches) const override {
    thread_local Finder finder;
    // Of what the window owns, so much belongs to a name that began before.
    const std::size_t from = window.owned_begin + state[0];
    Label before = static_cast<Label>(state[1]);
    state = {};
    if (from < window.owned_end && worth(window, from)) {
      const Model& model = built_in();
      std::size_t last = 0;
      for (const Name& found : finder.find(window, model, from, window.owned_end, before)) {
        matches.add(*all[static_cast<std::size_t>(found.named)], window.tokens[found.begin].begin,
                    window.tokens[found.end - 1].end, model.confidence(found.named, found.margin));
        last = found.end;
        before = label_of(found.named, Part::end);
      }
      if (last >= window.owned_end) {
        state[0] = static_cast<std::uint32_t>(last - window.owned_end);
        state[1] = before;
      }
    } else if (from > window.owned_end) {
      state[0] = static_cast<std::uint32_t>(from - window.owned_end);
      state[1] = before;
    }
    return {};
  }

 private:
  // A name begins with a capital, or a character of its own.
  static bool worth(const TokenWindow& window, std::size_t from) noexcept {
    for (std::size_t i = from; i < window.owned_end; ++i) {
      const Token& token = window.tokens[i];
      if (token.kind == TokenKind::character) return true;
      if (token.kind != TokenKind::word) continue;
      const char c = window.text[token.begin];
      if ((c >= 'A' && c <= 'Z') || (c & '\x80') != 0) return true;
    }
    return false;
  }
};

}  // namespace
}  // namespace names

const Tagger& names_tagger() {
  static const names::Names tagger;
  return tagger;
}

}  // namespace menshen::detectors
