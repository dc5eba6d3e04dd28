// Bias as far as words tell: does a text put a group of people down, shut it out, or tie it to a
// role?
//
// A group term near a derogatory, generalising, excluding or role-prescribing predicate in one
// sentence. Negation and talk about prejudice lower it. A group term alone scores 0. See README.md.
//
//   const float by_hand = bias_by_hand(reading);   // 0..1
//
// Any thread; linear in the hits of the reading.
#pragma once

#include "detectors/scoring/reading.h"
#include "detectors/scoring/terms.h"

#include <cstdint>
#include <span>

namespace menshen::detectors::scoring {

namespace bias {
inline constexpr Scope terms = scope("bias");
enum Class : std::uint8_t {
  group,        // people by race, nation, religion, gender, orientation, disability, age, region
  generaliser,  // all, every, always, 都是
  trait,        // a negative property: lazy, 懒
  exclusion,    // deport, "do not belong", 滚出去
  role,         // prescribed roles: "belong in the kitchen", 就该
  hierarchy,    // inferior, "should know their place", 劣等
  person,       // he, she, 他: no group, and alike to the trained model
};
}  // namespace bias

[[nodiscard]] float bias_by_hand(const Reading& reading);

}  // namespace menshen::detectors::scoring
