// Requests on the wire, over real sockets: what is refused before there is an exchange, what is
// accepted, and how bodies are read.
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace menshen::transport {
namespace {

using testing::answer_head;
using testing::chunked;
using testing::echo;
using testing::get;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::put_body;
using testing::RawSocket;
using testing::serve;
using ::testing::StartsWith;

struct BadRequest {
  const char* name;
  std::string bytes;
  int status;
  const char* code;
};

class BadRequests : public ::testing::TestWithParam<BadRequest> {};

TEST_P(BadRequests, AreAnsweredAndTheConnectionCloses) {
  std::atomic<int> exchanges{0};
  const auto server = serve([&exchanges](http::Transaction& client) {
    ++exchanges;
    return echo(client);
  });
  RawSocket client(server->port());
  client.write(GetParam().bytes + "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n");
  const std::string answer = client.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(GetParam().status) + " "));
  EXPECT_THAT(answer, HasSubstr(std::string(R"("code":")") + GetParam().code + "\""));
  EXPECT_THAT(answer, HasSubstr("\r\nx-menshen-exchange: 01"));
  EXPECT_THAT(answer, HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "a second answer: " << answer;
  EXPECT_EQ(exchanges, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadRequests,
    ::testing::Values(
        BadRequest{"both_lengths",
                   put_body("content-length: 5\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n"),
                   400, "length_and_encoding"},
        BadRequest{"both_lengths_turned",
                   put_body("transfer-encoding: chunked\r\ncontent-length: 5\r\n", "0\r\n\r\n"),
                   400, "length_and_encoding"},
        BadRequest{"two_lengths", put_body("content-length: 1\r\ncontent-length: 2\r\n", "ab"), 400,
                   "repeated_content_length"},
        BadRequest{"two_equal_lengths",
                   put_body("content-length: 2\r\ncontent-length: 2\r\n", "ab"), 400,
                   "repeated_content_length"},
        BadRequest{"length_list", put_body("content-length: 2, 2\r\n", "ab"), 400,
                   "bad_content_length"},
        BadRequest{"length_signed", put_body("content-length: +2\r\n", "ab"), 400,
                   "bad_content_length"},
        BadRequest{"length_negative", put_body("content-length: -2\r\n", "ab"), 400,
                   "bad_content_length"},
        BadRequest{"length_hex", put_body("content-length: 0x2\r\n", "ab"), 400,
                   "bad_content_length"},
        BadRequest{"length_empty", put_body("content-length:\r\n", ""), 400, "bad_content_length"},
        BadRequest{"length_overflow", put_body("content-length: 18446744073709551617\r\n", "a"),
                   400, "bad_content_length"},
        BadRequest{"encoding_gzip", put_body("transfer-encoding: gzip\r\n", ""), 400,
                   "bad_transfer_encoding"},
        BadRequest{"encoding_gzip_chunked", put_body("transfer-encoding: gzip, chunked\r\n", ""),
                   400, "bad_transfer_encoding"},
        BadRequest{"encoding_twice",
                   put_body("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", ""),
                   400, "bad_transfer_encoding"},
        BadRequest{"encoding_identity", put_body("transfer-encoding: identity\r\n", ""), 400,
                   "bad_transfer_encoding"},
        BadRequest{"encoding_vertical_tab",
                   put_body("transfer-encoding: \x0b"
                            "chunked\r\n",
                            ""),
                   400, "control_character"},
        BadRequest{"encoding_in_1_0",
                   "POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400,
                   "bad_transfer_encoding"},
        BadRequest{"space_before_colon", put_body("content-length : 2\r\n", "ab"), 400,
                   "bad_field"},
        BadRequest{"tab_before_colon", get("x\t: 2\r\n"), 400, "bad_field"},
        BadRequest{"no_colon", get("nonsense\r\n"), 400, "bad_field"},
        BadRequest{"empty_name", get(": x\r\n"), 400, "bad_field"},
        BadRequest{"name_with_parenthesis", get("a(b: x\r\n"), 400, "bad_field"},
        BadRequest{"name_not_ascii", get("\xc3\xa4: x\r\n"), 400, "bad_field"},
        BadRequest{"fold", get("x: a\r\n b\r\n"), 400, "folded_field"},
        BadRequest{"fold_before_fields", "GET / HTTP/1.1\r\n x: y\r\nhost: x\r\n\r\n", 400,
                   "folded_field"},
        BadRequest{"bare_feed", "GET / HTTP/1.1\nhost: x\n\n", 400, "bare_line_feed"},
        BadRequest{"bare_feed_at_the_end", "GET / HTTP/1.1\r\nhost: x\r\n\n", 400,
                   "bare_line_feed"},
        BadRequest{"bare_feed_in_value", get("x: a\nb: c\r\n"), 400, "bare_line_feed"},
        BadRequest{"bare_return", get("x: a\rb\r\n"), 400, "bare_carriage_return"},
        BadRequest{"zero_byte", get(std::string_view("x: a\0b\r\n", 8)), 400, "control_character"},
        BadRequest{"zero_byte_in_name", get(std::string_view("x\0: b\r\n", 7)), 400,
                   "control_character"},
        BadRequest{"delete_character", get("x: \x7f\r\n"), 400, "control_character"},
        BadRequest{"escape_character", get("x: \x1b[31m\r\n"), 400, "control_character"},
        BadRequest{"absolute_target", "GET http://x/ HTTP/1.1\r\nhost: x\r\n\r\n", 400,
                   "bad_target"},
        BadRequest{"authority_target", "CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n", 400,
                   "bad_target"},
        BadRequest{"asterisk_target", "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", 400, "bad_target"},
        BadRequest{"fragment", "GET /a#b HTTP/1.1\r\nhost: x\r\n\r\n", 400, "bad_target"},
        BadRequest{"target_not_ascii", "GET /\xc3\xa4 HTTP/1.1\r\nhost: x\r\n\r\n", 400,
                   "bad_target"},
        BadRequest{"two_spaces", "GET  / HTTP/1.1\r\nhost: x\r\n\r\n", 400, "bad_start_line"},
        BadRequest{"three_words_and_more", "GET / x HTTP/1.1\r\nhost: x\r\n\r\n", 400,
                   "bad_start_line"},
        BadRequest{"tab_in_start_line", "GET\t/ HTTP/1.1\r\nhost: x\r\n\r\n", 400,
                   "bad_start_line"},
        BadRequest{"no_version", "GET /\r\nhost: x\r\n\r\n", 400, "bad_start_line"},
        BadRequest{"method_not_token", "G(T / HTTP/1.1\r\nhost: x\r\n\r\n", 400, "bad_start_line"},
        BadRequest{"version_2", "GET / HTTP/2.0\r\nhost: x\r\n\r\n", 400, "bad_version"},
        BadRequest{"version_0_9", "GET / HTTP/0.9\r\nhost: x\r\n\r\n", 400, "bad_version"},
        BadRequest{"version_lower_case", "GET / http/1.1\r\nhost: x\r\n\r\n", 400, "bad_version"},
        BadRequest{"version_long", "GET / HTTP/1.10\r\nhost: x\r\n\r\n", 400, "bad_version"},
        BadRequest{"preface_of_http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "bad_target"},
        BadRequest{"tls_to_a_plain_port",
                   std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12), 400,
                   "bare_line_feed"},
        BadRequest{"two_empty_lines", "\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n", 400,
                   "bad_start_line"},
        BadRequest{"no_host", "GET / HTTP/1.1\r\nx: y\r\n\r\n", 400, "missing_host"},
        BadRequest{"two_hosts", get("host: x\r\n"), 400, "repeated_header"},
        BadRequest{"empty_host", "GET / HTTP/1.1\r\nhost:\r\n\r\n", 400, "bad_host"},
        BadRequest{"host_with_path", "GET / HTTP/1.1\r\nhost: a/b\r\n\r\n", 400, "bad_host"},
        BadRequest{"host_with_user", "GET / HTTP/1.1\r\nhost: a@b\r\n\r\n", 400, "bad_host"},
        BadRequest{"two_credentials", get("authorization: Bearer a\r\nauthorization: Bearer b\r\n"),
                   400, "repeated_header"},
        BadRequest{"two_content_types",
                   put_body("content-type: a/b\r\ncontent-type: a/b\r\ncontent-length: 0\r\n", ""),
                   400, "repeated_header"},
        BadRequest{"connection_takes_the_host", get("connection: Host\r\n"), 400,
                   "bad_connection_header"},
        BadRequest{"connection_takes_a_credential", get("connection: x, authorization\r\n"), 400,
                   "bad_connection_header"},
        BadRequest{"websocket", get("connection: upgrade\r\nupgrade: websocket\r\n"), 400,
                   "unsupported_upgrade"},
        BadRequest{"expectation", put_body("expect: the-unexpected\r\ncontent-length: 0\r\n", ""),
                   400, "unsupported_expectation"},
        BadRequest{"body_of_get", get("content-length: 1\r\n") + "a", 400, "body_not_allowed"},
        BadRequest{"chunks_of_get", get("transfer-encoding: chunked\r\n") + "0\r\n\r\n", 400,
                   "body_not_allowed"}),
    [](const auto& each) { return std::string(each.param.name); });

// --- Forms that are unusual and unambiguous

TEST(Session, AcceptsWhatIsOnlyUnusual) {
  const auto server = serve(echo);
  for (const std::string& request : {
           std::string("\r\nGET /a HTTP/1.1\r\nhost: x\r\n\r\n"),
           std::string("GET /a HTTP/1.1\r\nHOST:x\r\nX-Empty:\r\nx-text: \xe9\xa9\xac\t1\r\n\r\n"),
           std::string("GET /a HTTP/1.1\r\nhost: [::1]:8080\r\ncontent-length: 0\r\n\r\n"),
           std::string("GET /a HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, "
                       "HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n"),
           std::string("GET /a HTTP/1.1\r\nhost: x\r\ncontent-encoding: identity\r\n\r\n"),
       }) {
    RawSocket client(server->port());
    client.write(request);
    EXPECT_THAT(client.read_message(), ::testing::EndsWith("GET /a ")) << request;
  }
}

TEST(Session, ServesHttp10AndCloses) {
  const auto server = serve(echo);
  RawSocket client(server->port());
  client.write("POST /a HTTP/1.0\r\ncontent-length: 2\r\n\r\nab");
  const auto answer = client.read_to_end();
  EXPECT_THAT(answer, HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_THAT(answer, ::testing::EndsWith("POST /a ab"));
  EXPECT_FALSE(client.was_reset());
}

TEST(Session, HidesHopByHopFields) {
  std::atomic<int> fields{0};
  const auto server = serve([&fields](http::Transaction& client) -> asio::awaitable<void> {
    fields = static_cast<int>(client.head().headers.size());
    std::ignore = co_await client.send(answer_head(200), "");
  });
  RawSocket client(server->port());
  client.write(
      get("connection: keep-alive, x-hop\r\nx-hop: 1\r\nkeep-alive: 5\r\nte: trailers\r\ntrailer: "
          "x\r\nx-kept: 1\r\n"));
  client.read_message();
  EXPECT_EQ(fields, 2);  // host and x-kept
}

// --- Bodies

TEST(Session, ReadsChunksAtEveryCut) {
  const auto server = serve(echo);
  const std::string request =
      chunked("5;a=\"b\"\r\nhello\r\n001\r\n \r\n05\r\nworld\r\n0\r\nx-trailer: 1\r\n\r\n");
  for (std::size_t cut = 0; cut < request.size(); ++cut) {
    RawSocket client(server->port());
    client.write(request.substr(0, cut));
    client.write(request.substr(cut));
    EXPECT_THAT(client.read_message(), ::testing::EndsWith("POST / hello world")) << cut;
  }
}

struct BadBody {
  const char* name;
  std::string body;
  int status;
  const char* code;
};
class BadBodies : public ::testing::TestWithParam<BadBody> {};

TEST_P(BadBodies, AreErrorsOfReadBodyAndTheConnectionCloses) {
  const auto server = serve(echo);
  RawSocket client(server->port());
  client.write(chunked(GetParam().body) + get(""));
  const std::string answer = client.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(GetParam().status) + " "));
  EXPECT_THAT(answer, ::testing::EndsWith(std::string("\r\n\r\n") + GetParam().code));
  EXPECT_THAT(answer, HasSubstr("\r\nconnection: close\r\n"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadBodies,
    ::testing::Values(
        BadBody{"not_hex", "g\r\n", 400, "bad_chunk_size"},
        BadBody{"empty_size", "\r\n", 400, "bad_chunk_size"},
        BadBody{"negative", "-1\r\n", 400, "bad_chunk_size"},
        BadBody{"prefixed", "0x5\r\nhello\r\n", 400, "bad_chunk_size"},
        BadBody{"space_before", " 5\r\nhello\r\n", 400, "bad_chunk_size"},
        BadBody{"space_after", "5 \r\nhello\r\n", 400, "bad_chunk_size"},
        BadBody{"overflow", "10000000000000000\r\n", 400, "bad_chunk_size"},
        BadBody{"bare_feed", "5\nhello\r\n0\r\n\r\n", 400, "bare_line_feed"},
        BadBody{"bare_feed_in_extension", "5;a\nhello\r\n0\r\n\r\n", 400, "bare_line_feed"},
        BadBody{"bare_return", "5\rhello", 400, "bare_carriage_return"},
        BadBody{"longer_than_said", "5\r\nhello!\r\n0\r\n\r\n", 400, "bad_chunk_end"},
        BadBody{"feed_after_data", "5\r\nhello\n0\r\n\r\n", 400, "bad_chunk_end"},
        BadBody{"extension_too_long", "5;" + std::string(255, 'a') + "\r\nhello\r\n0\r\n\r\n", 400,
                "chunk_header_too_long"},
        BadBody{"many_zeros", std::string(300, '0') + "5\r\nhello\r\n", 400,
                "chunk_header_too_long"},
        BadBody{"control_in_extension", std::string("5;a\0\r\nhello\r\n", 13), 400,
                "control_character"},
        BadBody{"bad_trailer", "0\r\n folded\r\n\r\n", 400, "bad_trailer"},
        BadBody{"bare_feed_in_trailer", "0\r\na: b\n\r\n", 400, "bad_trailer"},
        BadBody{"trailers_too_large", "0\r\na: " + std::string(9000, 'b') + "\r\n\r\n", 431,
                "trailers_too_large"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(Session, ContinuesWhenTheBodyIsWanted) {
  const auto server = serve(echo);
  RawSocket client(server->port());
  client.write(put_body("content-length: 5\r\nexpect: 100-continue\r\n", ""));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.write("hello");
  EXPECT_THAT(client.read_message(), ::testing::EndsWith("POST / hello"));
  // A body that is already there needs no invitation.
  client.write(put_body("content-length: 5\r\nexpect: 100-continue\r\n", "hello"));
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 200"));
}

// An exchange that refuses at once, without the body.
asio::awaitable<void> refuse(http::Transaction& client) {
  std::ignore = co_await client.send(answer_head(401), "no");
}

TEST(Session, RefusedBodiesAreThrownAwayWhenSmall) {
  const auto server = serve(refuse);
  RawSocket client(server->port());
  for (int i = 0; i < 2; ++i) {
    client.write(testing::post("/", std::string(65'536, 'x')));
    EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 401"));
  }
}

TEST(Session, RefusedBodiesCloseTheConnectionWhenLargeOrUninvited) {
  const auto server = serve(refuse);
  for (const std::string& request :
       {testing::post("/", std::string(65'537, 'x')), chunked("5\r\nhello\r\n0\r\n\r\n"),
        put_body("content-length: 5\r\nexpect: 100-continue\r\n", "")}) {
    RawSocket client(server->port());
    client.write(request);
    const auto answer = client.read_to_end();
    EXPECT_THAT(answer, HasSubstr("\r\nconnection: close\r\n"));
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nno"));
    EXPECT_FALSE(client.was_reset());
  }
}

}  // namespace
}  // namespace menshen::transport
