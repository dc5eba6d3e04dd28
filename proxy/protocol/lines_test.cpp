// Lines of JSON as blocks: the same at every cut, bounded, and never two readings of one line.
#include "proxy/protocol/lines.h"

#include <gtest/gtest.h>

#include <vector>

namespace menshen::protocol {
namespace {

struct Split {
  std::vector<std::string> raw;
  std::vector<std::string> data;
  std::string error;
  bool cut_off = false;
  bool operator==(const Split&) const = default;
};

Split split(const std::vector<std::string_view>& pieces, std::size_t bytes_max = 100) {
  LineSplitter splitter(bytes_max);
  Split out;
  const auto drain = [&] {
    while (out.error.empty()) {
      auto line = splitter.next();
      if (!line) out.error = line.error().code;
      if (!line || !line->has_value()) return;
      out.raw.push_back((*line)->raw);
      out.data.push_back((*line)->data);
      out.cut_off = splitter.cut_off();
    }
  };
  for (const std::string_view piece : pieces) {
    splitter.feed(piece);
    drain();
  }
  splitter.finish();
  drain();
  if (out.error.empty()) {
    EXPECT_EQ(splitter.pending_bytes(), 0U);
  }
  return out;
}

TEST(Lines, AreTheSameAtEveryCut) {
  const std::string_view bytes = "{\"a\":1}\n{\"b\":\"门\"}\r\n\n \t{\"c\":2}";
  const Split whole = split({bytes});
  EXPECT_EQ(whole.raw,
            (std::vector<std::string>{"{\"a\":1}\n", "{\"b\":\"门\"}\r\n", "\n", " \t{\"c\":2}"}));
  EXPECT_EQ(whole.data,
            (std::vector<std::string>{"{\"a\":1}", "{\"b\":\"门\"}", "", " \t{\"c\":2}"}));
  EXPECT_TRUE(whole.cut_off);
  std::vector<std::string_view> single;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    EXPECT_EQ(split({bytes.substr(0, at), bytes.substr(at)}), whole) << at;
    single.push_back(bytes.substr(at, 1));
  }
  EXPECT_EQ(split(single), whole);
}

TEST(Lines, AreBoundedWithTheirEnd) {
  const std::string fits = std::string(99, 'a') + "\n";
  EXPECT_EQ(split({fits, fits}).error, "");
  EXPECT_EQ(split({fits}, 99).error, "stream_event_too_large");
  EXPECT_EQ(split({std::string(100, 'a')}).error, "");
  EXPECT_EQ(split({std::string(101, 'a')}).error, "stream_event_too_large");
}

TEST(Lines, ALineThatOthersWouldCutIsRefused) {
  for (const char* bytes : {"{\"a\":\r{\"b\":1}\r}\n", "\r{}\n", "{}\r", "{}\r\r\n"}) {
    EXPECT_EQ(split({bytes}).error, "ambiguous_stream_line") << bytes;
  }
  EXPECT_EQ(split({"{}\r\n"}).error, "");
}

}  // namespace
}  // namespace menshen::protocol
