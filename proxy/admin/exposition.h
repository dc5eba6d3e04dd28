// What /metrics answers, as it grows: the text format of Prometheus, version 0.0.4.
//
//   Exposition out;
//   out.begin(counter("menshen_retries_total", "Attempts after the first.", {"upstream"}));
//   out.sample({"core"}, 3);
//   out.begin(histogram("menshen_overhead_seconds", "...", {"api"}));
//   out.sample({"openai_chat"}, distribution);
//   std::string text = std::move(out).text();
//
// Of a counter and a gauge without labels there is one sample, with no values. prometheus-cpp
// writes the text; the counts are our own, since its registry makes every exchange take locks. One
// thread.
#pragma once

#include "proxy/admin/distribution.h"

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::admin {

struct Family {
  std::string_view name;
  prometheus::MetricType type;
  std::string_view help;
  std::vector<std::string_view> labels;
};

[[nodiscard]] Family counter(std::string_view name, std::string_view help,
                             std::initializer_list<std::string_view> labels = {});
[[nodiscard]] Family gauge(std::string_view name, std::string_view help,
                           std::initializer_list<std::string_view> labels = {});
[[nodiscard]] Family histogram(std::string_view name, std::string_view help,
                               std::initializer_list<std::string_view> labels = {});

using LabelValues = std::span<const std::string_view>;

class Exposition {
 public:
  void begin(Family family);

  // As many values as the family has labels.
  void sample(LabelValues values, double value);
  void sample(LabelValues values, const Distribution& value);
  template <class Value>
  void sample(std::initializer_list<std::string_view> values, const Value& value) {
    sample(LabelValues(values.begin(), values.size()), value);
  }
  // A family of one sample without labels.
  void single(Family family, double value) {
    begin(std::move(family));
    sample({}, value);
  }

  [[nodiscard]] std::string text() &&;

 private:
  prometheus::ClientMetric& metric(LabelValues values);

  std::vector<std::string_view> labels_;  // of the family under way
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace menshen::admin
