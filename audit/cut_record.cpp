#include "audit/cut_record.h"

#include "audit/record_fields.h"
#include "core/utf8.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::audit {
namespace {

class Cutter {
 public:
  Cutter(const Caps& caps, Truncated& truncated) : caps_(caps), truncated_(truncated) {}

  void operator()(std::string_view name, std::string& text) {
    if (text.size() <= caps_.text_bytes) return;
    std::size_t end = 0;
    for (std::size_t next = 0; next <= caps_.text_bytes; next += core::utf8_at(text, next).bytes)
      end = next;
    note(std::string(name) + "_bytes", text.size() - end);
    text.resize(end);
  }
  void operator()(std::string_view name, std::vector<std::string>& list) {
    cut_list(name, list, [](const std::string& item) { return item.size(); });
  }
  // Groups of findings refer to rules by their places, so none goes from among them.
  void operator()(std::string_view name, std::vector<FiredRule>& list) {
    cut_list(name, list, [](const FiredRule&) { return std::size_t{0}; });
    for (FiredRule& rule : list) {
      (*this)("rules", rule.rule);
      (*this)("rules_found", rule.found);
    }
  }
  void operator()(std::string_view name, FindingGroups& list) {
    cut_list(name, list, [](const FindingGroup& group) { return group.type.size(); });
    for (FindingGroup& group : list)
      cut_list(std::string(name) + "_rules", group.rules, [](std::uint32_t) { return 0U; });
  }
  void operator()(std::string_view name, std::map<std::string, std::uint32_t>& counts) {
    const std::size_t before = counts.size();
    std::erase_if(counts, [&](const auto& entry) { return entry.first.size() > caps_.text_bytes; });
    while (counts.size() > caps_.items) counts.erase(std::prev(counts.end()));
    note(std::string(name), before - counts.size());
  }
  template <class Other>
  void operator()(std::string_view, const Other&) {}

 private:
  template <class List, class Size>
  void cut_list(std::string_view name, List& list, Size size_of) {
    const std::size_t before = list.size();
    std::erase_if(list, [&](const auto& item) { return size_of(item) > caps_.text_bytes; });
    if (list.size() > caps_.items) list.resize(caps_.items);
    note(std::string(name), before - list.size());
  }
  void note(std::string name, std::size_t left_out) {
    if (left_out > 0) truncated_[std::move(name)] += left_out;
  }

  const Caps caps_;
  Truncated& truncated_;
};

}  // namespace

Record cut_record(const Record& record, const Caps& caps, Truncated& truncated) {
  Record cut = record;
  visit_fields(cut, Cutter(caps, truncated));
  return cut;
}

}  // namespace menshen::audit
