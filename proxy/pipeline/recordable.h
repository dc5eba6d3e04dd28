// Names that a provider chose, as a record may have them. Private to the pipeline.
#pragma once

#include "proxy/pipeline/inspection.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace menshen::pipeline {

// Instead of a name in which something was found, or that could be anything.
inline constexpr std::string_view withheld = "(withheld)";

inline constexpr std::size_t recordable_bytes_max = 128;

// The name itself, if it is empty, or short, of the characters that ids and models are made of, and
// clean; else "(withheld)": what a detector finds in it stands in no record, whatever rules say.
[[nodiscard]] inline std::string_view recordable(std::string_view name, ScannerPool& pool) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:/@+").find(c) != std::string_view::npos;
  };
  if (name.empty()) return name;
  const bool plain = name.size() <= recordable_bytes_max && std::ranges::all_of(name, is_plain);
  return plain && pool.is_clean(name) ? name : withheld;
}

}  // namespace menshen::pipeline
