// Findings that overlap, and which of them stays.
//
// What was read off a form (by a detector, or a row of the table of numbers) always stays as it is:
// a rule may name its type. What was told from words (by a tagger, or a detector that says so)
// gives way to every form that it overlaps, but a secret to secrets alone (a password may be a
// phone number), and to what was told more surely; of equals to the longer, then to the earlier,
// then to the type whose name comes first. What gives way keeps the parts that nothing before it
// covers, so that no byte of a text that was found is lost by this.
//
//   [  address 0.7              ]            [ address ]             [address]
//              [ phone, a form ]      ->               [ phone      ]
//
// A pure function of the findings, whatever their order; cost n log n.
#pragma once

#include "core/finding.h"

#include <cstddef>
#include <span>
#include <vector>

namespace menshen::detectors {

// Of findings[from, end), which are sorted by begin before and after; those before are left alone.
// `told`: the types that are told from words, which no other detector and no row finds.
void arbitrate(std::vector<core::Finding>& findings, std::size_t from,
               std::span<const core::FindingType* const> told);

}  // namespace menshen::detectors
