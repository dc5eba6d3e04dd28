#include "detectors/catalog.h"

#include "detectors/detector.h"
#include "detectors/engine/dispatcher.h"
#include "detectors/registered.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace menshen::detectors {

Catalog::Catalog(std::vector<const Detector*> detectors) : detectors_(std::move(detectors)) {
  std::ranges::sort(detectors_, {}, &Detector::name);
  for (const Detector* detector : detectors_) {
    types_.insert(types_.end(), detector->types().begin(), detector->types().end());
    if (!versions_.empty()) versions_ += ' ';
    versions_.append(detector->name()).append("/").append(std::to_string(detector->version()));
  }
  const auto name = [](const core::FindingType* type) { return type->name; };
  std::ranges::sort(types_, {}, name);
  const auto twice = std::ranges::adjacent_find(types_, {}, name);
  if (twice != types_.end()) {
    std::fprintf(stderr, "Two detectors claim the type %.*s.\n",
                 static_cast<int>((*twice)->name.size()), (*twice)->name.data());
    std::abort();
  }
  dispatcher_ = std::make_shared<const Dispatcher>(detectors_);
}

const Catalog& Catalog::instance() {
  static const Catalog catalog(registered_detectors());
  return catalog;
}

}  // namespace menshen::detectors
