// What a record of type `credential` says of a change of API keys, beside who has the key.
// FORMAT.md gives the bytes.
//
//   record.change = std::make_shared<const KeyChangeEntry>(
//       KeyChangeEntry{.action = "created", .number = 7});
//
// Values. What is empty, zero or false is left out of the record.
#pragma once

#include <cstdint>
#include <string>

namespace menshen::audit {

struct KeyChangeEntry {
  // created, rotated, revoked; store_replaced: the changes that follow are those of another keys.db
  std::string action{};
  std::string expires{};      // a time (RFC 3339); empty: never
  bool may_set_user = false;  // whoever has the key may say for which person he calls
  std::uint64_t number = 0;   // of the change in keys.db, from 1
  std::string replaces{};     // rotated: id of the key whose successor this one is,
  std::string retires{};      // and until when that one still works
  bool operator==(const KeyChangeEntry&) const = default;
};

}  // namespace menshen::audit
