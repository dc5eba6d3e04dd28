#include "detectors/catalog.h"

#include "core/digest.h"
#include "detectors/detector.h"
#include "detectors/engine/dispatcher.h"
#include "detectors/line_detector.h"
#include "detectors/numbers/number_spec.h"
#include "detectors/scores.h"
#include "detectors/tagger.h"
#include "detectors/registered.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace menshen::detectors {

Catalog::Catalog(std::vector<const Detector*> detectors, std::span<const NumberSpec* const> numbers,
                 std::vector<const Tagger*> taggers) {
  std::ranges::sort(detectors, {}, &Detector::name);
  std::ranges::sort(taggers, {}, &Tagger::name);
  for (const Detector* detector : detectors) {
    recognisers_.push_back({.name = detector->name(),
                            .version = detector->version(),
                            .types = {detector->types().begin(), detector->types().end()}});
  }
  for (const Tagger* tagger : taggers) {
    recognisers_.push_back({.name = tagger->name(),
                            .version = tagger->version(),
                            .types = {tagger->types().begin(), tagger->types().end()}});
  }
  for (const NumberSpec* row : numbers) {
    recognisers_.push_back(
        {.name = row->type.name, .version = row->version, .types = {&row->type}});
  }
  describe();
  dispatcher_ = std::make_shared<const Dispatcher>(detectors, numbers, taggers);
}

void Catalog::describe() {
  types_.clear();
  versions_.clear();
  std::ranges::sort(recognisers_, {}, &Recogniser::name);
  for (const Recogniser& recogniser : recognisers_) {
    types_.insert(types_.end(), recogniser.types.begin(), recogniser.types.end());
    if (!versions_.empty()) versions_ += ' ';
    versions_.append(recogniser.name).append("/").append(std::to_string(recogniser.version));
  }
  const auto name = [](const core::FindingType* type) { return type->name; };
  std::ranges::sort(types_, {}, name);
  const auto twice = std::ranges::adjacent_find(types_, {}, name);
  if (twice != types_.end()) {
    std::fprintf(stderr, "Two detectors claim the type %.*s.\n",
                 static_cast<int>((*twice)->name.size()), (*twice)->name.data());
    std::abort();
  }
  digest_ = core::to_hex(core::as_text(core::sha256(all_versions()))).substr(0, 12);
}

std::shared_ptr<const Catalog> Catalog::extended(const std::shared_ptr<const Catalog>& base,
                                                 std::shared_ptr<const LineDetector> of_lines) {
  if (of_lines == nullptr && base != nullptr) return base;
  auto out = base != nullptr ? std::make_shared<Catalog>(*base)
                             : std::make_shared<Catalog>(std::vector<const Detector*>{});
  if (of_lines == nullptr) return out;
  out->recognisers_.push_back({.name = of_lines->name(),
                               .version = of_lines->version(),
                               .types = {of_lines->types().begin(), of_lines->types().end()}});
  out->of_lines_ = std::move(of_lines);
  out->describe();
  return out;
}

std::string Catalog::all_versions() const {
  return versions_ + "\n" + std::string(score_versions());
}

std::shared_ptr<const Catalog> Catalog::asked_for(const std::shared_ptr<const Catalog>& base,
                                                  std::span<const core::FindingType* const> types) {
  const auto is_asked = [&](const auto* finder) {
    return std::ranges::find_first_of(finder->types(), types) != finder->types().end();
  };
  std::vector<const Tagger*> taggers;
  const auto all = base->dispatcher_->taggers();
  std::ranges::copy_if(all, std::back_inserter(taggers), is_asked);
  const Detector* const around = base->dispatcher_->around();
  const bool around_numbers = around != nullptr && is_asked(around);
  if (taggers.size() == all.size() && around_numbers == (around != nullptr)) return base;
  auto out = std::make_shared<Catalog>(*base);
  out->dispatcher_ =
      std::make_shared<const Dispatcher>(base->dispatcher_->with(taggers, around_numbers));
  return out;
}

std::shared_ptr<const Catalog> Catalog::ignoring(
    std::shared_ptr<const IgnoredValues> values) const {
  auto out = std::make_shared<Catalog>(*this);
  out->ignored_ = std::move(values);
  return out;
}

std::shared_ptr<const Catalog> Catalog::built_in() {
  std::vector<const Detector*> detectors = registered_detectors();
  std::erase_if(detectors, [](const Detector* detector) { return detector->reads_around(); });
  return std::make_shared<const Catalog>(std::move(detectors), registered_numbers());
}

std::shared_ptr<const Catalog> Catalog::complete() {
  return std::make_shared<const Catalog>(registered_detectors(), registered_numbers(),
                                         registered_taggers());
}

}  // namespace menshen::detectors
