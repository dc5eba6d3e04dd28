#include "proxy/admin/exposition.h"

#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>

namespace menshen::admin {

using prometheus::MetricType;

Family counter(std::string_view name, std::string_view help,
               std::initializer_list<std::string_view> labels) {
  return {name, MetricType::Counter, help, labels};
}

Family gauge(std::string_view name, std::string_view help,
             std::initializer_list<std::string_view> labels) {
  return {name, MetricType::Gauge, help, labels};
}

Family histogram(std::string_view name, std::string_view help,
                 std::initializer_list<std::string_view> labels) {
  return {name, MetricType::Histogram, help, labels};
}

void Exposition::begin(Family family) {
  labels_ = std::move(family.labels);
  families_.push_back({std::string(family.name), std::string(family.help), family.type, {}});
}

prometheus::ClientMetric& Exposition::metric(LabelValues values) {
  prometheus::ClientMetric& out = families_.back().metric.emplace_back();
  for (std::size_t i = 0; i < values.size(); ++i)
    out.label.push_back({std::string(labels_[i]), std::string(values[i])});
  return out;
}

void Exposition::sample(LabelValues values, double value) {
  prometheus::ClientMetric& out = metric(values);
  if (families_.back().type == MetricType::Counter)
    out.counter.value = value;
  else
    out.gauge.value = value;
}

void Exposition::sample(LabelValues values, const Distribution& value) {
  prometheus::ClientMetric::Histogram& out = metric(values).histogram;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < value.bounds().size(); ++i) {
    below += value.counts()[i];
    out.bucket.push_back({below, value.bounds()[i]});
  }
  out.bucket.push_back({value.count(), std::numeric_limits<double>::infinity()});
  out.sample_count = value.count();
  out.sample_sum = value.sum();
}

std::string Exposition::text() && { return prometheus::TextSerializer().Serialize(families_); }

}  // namespace menshen::admin
