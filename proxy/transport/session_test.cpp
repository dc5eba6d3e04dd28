// Sessions over real sockets: framing, keep-alive, bodies, limits, back-pressure, departure of the
// client.
#include "proxy/transport/server.h"
#include "proxy/transport/testing.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace menshen::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawSocket;
using ::testing::StartsWith;

pipeline::ResponseHead answer_head(unsigned status) {
  return {status, {{"content-type", "text/plain"}}};
}

// Answers with what it was asked: method, target, body.
asio::awaitable<void> echo(pipeline::Client& client) {
  auto body = co_await client.read_body();
  if (!body) {
    auto failed = answer_head(static_cast<unsigned>(core::http_status(body.error().kind)));
    std::ignore = co_await client.send(std::move(failed), body.error().code);
    co_return;
  }
  std::string text = client.head().method + " " + client.head().target + " " + *body;
  std::ignore = co_await client.send(answer_head(200), std::move(text));
}

std::unique_ptr<Server> serve(Server::Handler handler, const core::Limits& limits = {}) {
  auto options = testing::options();
  options.limits = limits;
  auto server = Server::start(
      std::move(options),
      [handler](const asio::any_io_executor&, pipeline::Upstreams&) { return handler; });
  EXPECT_TRUE(server) << to_string(server.error());
  return std::move(*server);
}

TEST(Session, AnswersAndKeepsTheConnection) {
  const auto server = serve(echo);
  RawSocket client(server->port());
  for (const std::string body : {"one", "two"}) {
    client.write(testing::post("/v1/x?q=1", body));
    const auto answer = client.read_message();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\ndate: "));
    EXPECT_THAT(answer, HasSubstr("\r\ncontent-length: 18\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("connection:")));
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nPOST /v1/x?q=1 " + body));
  }
}

TEST(Session, KeepsPipelinedRequests) {
  const auto server = serve(echo);
  RawSocket client(server->port());
  client.write(testing::post("/1", "a") + testing::post("/2", "b") +
               "GET /3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  EXPECT_THAT(client.read_message(), ::testing::EndsWith("POST /1 a"));
  EXPECT_THAT(client.read_message(), ::testing::EndsWith("POST /2 b"));
  const auto last = client.read_to_end();
  EXPECT_THAT(last, HasSubstr("\r\nconnection: close\r\n"));
  EXPECT_THAT(last, ::testing::EndsWith("GET /3 "));
  EXPECT_FALSE(client.was_reset());
}

// --- Framing that is refused before there is an exchange

struct BadRequest {
  const char* name;
  std::string bytes;
  int status;
  const char* code;
};

class BadRequests : public ::testing::TestWithParam<BadRequest> {};

TEST_P(BadRequests, AreAnsweredAndTheConnectionCloses) {
  std::atomic<int> exchanges{0};
  const auto server = serve([&exchanges](pipeline::Client& client) {
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

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nhost: x\r\n" + std::string(fields) + "\r\n";
}
std::string put_body(std::string_view fields, std::string_view body) {
  return "POST / HTTP/1.1\r\nhost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
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
  const auto server = serve([&fields](pipeline::Client& client) -> asio::awaitable<void> {
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

std::string chunked(std::string_view body) {
  return put_body("transfer-encoding: chunked\r\n", body);
}

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

TEST(Session, ChunkExtensionAtTheBound) {
  const auto server = serve(echo);
  RawSocket client(server->port());
  client.write(chunked("5;" + std::string(253, 'a') +
                       "\r\nhello\r\n0\r\n\r\n"));  // 256 with the carriage return
  EXPECT_THAT(client.read_message(), ::testing::EndsWith("POST / hello"));
}

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
asio::awaitable<void> refuse(pipeline::Client& client) {
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

// --- Limits, at the bound and one past it

TEST(Limits, Body) {
  core::Limits limits;
  limits.request_body_bytes_max = 1000;
  const auto server = serve(echo, limits);
  for (const bool in_chunks : {false, true}) {
    const auto request = [in_chunks](std::size_t size) {
      const std::string body(size, 'x');
      return in_chunks ? chunked(testing::chunk(body.substr(0, 500)) +
                                 testing::chunk(body.substr(500)) + "0\r\n\r\n")
                       : testing::post("/", body);
    };
    RawSocket at(server->port());
    at.write(request(1000));
    EXPECT_THAT(at.read_message(), StartsWith("HTTP/1.1 200"));
    RawSocket past(server->port());
    past.write(request(1001));
    const auto answer = past.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 413"));
    EXPECT_THAT(answer, ::testing::EndsWith("request_too_large"));
  }
}

TEST(Limits, LargeBodiesArriveWhole) {
  const auto server = serve(echo);
  std::string body(core::Limits{}.request_body_bytes_max, 'x');
  for (std::size_t i = 0; i < body.size(); i += 997) body[i] = static_cast<char>('a' + i % 26);
  RawSocket client(server->port());
  std::thread writer([&] { client.write(testing::post("/", body)); });
  const auto answer = client.read_message();
  writer.join();
  EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), "POST / " + body);
}

TEST(Limits, HeadBytes) {
  core::Limits limits;
  limits.header_bytes_max = 5000;
  const auto server = serve(echo, limits);
  const auto head = [](std::size_t size) {
    std::string text = "GET / HTTP/1.1\r\nhost: x\r\nx: ";
    return text + std::string(size - text.size() - 4, 'a') + "\r\n\r\n";
  };
  RawSocket at(server->port());
  at.write(head(5000));
  EXPECT_THAT(at.read_message(), StartsWith("HTTP/1.1 200"));
  RawSocket past(server->port());
  past.write(head(5001));
  EXPECT_THAT(past.read_to_end(), StartsWith("HTTP/1.1 431"));
  RawSocket endless(server->port());
  endless.write("GET /" + std::string(6000, 'a'));
  EXPECT_THAT(endless.read_to_end(), HasSubstr("headers_too_large"));
}

TEST(Limits, HeadFieldsAndTarget) {
  core::Limits limits;
  limits.header_count_max = 3;
  limits.target_bytes_max = 10;
  const auto server = serve(echo, limits);
  const auto status = [&server](const std::string& request) {
    RawSocket client(server->port());
    client.write(request);
    return client.read_message().substr(9, 3);
  };
  EXPECT_EQ(status(get("a: 1\r\nb: 2\r\n")), "200");
  EXPECT_EQ(status(get("a: 1\r\nb: 2\r\nc: 3\r\n")), "431");
  EXPECT_EQ(status("GET /123456789 HTTP/1.1\r\nhost: x\r\n\r\n"), "200");
  EXPECT_EQ(status("GET /1234567890 HTTP/1.1\r\nhost: x\r\n\r\n"), "400");
}

TEST(Limits, RequestsPerConnection) {
  core::Limits limits;
  limits.requests_per_connection_max = 2;
  const auto server = serve(echo, limits);
  RawSocket client(server->port());
  client.write(get("") + get("") + get(""));
  EXPECT_THAT(client.read_message(), Not(HasSubstr("connection: close")));
  const auto rest = client.read_to_end();
  EXPECT_THAT(rest, HasSubstr("connection: close"));
  EXPECT_EQ(rest.find("HTTP/1.1", 1), std::string::npos);
}

TEST(Limits, Connections) {
  core::Limits limits;
  limits.connections_max = 2;
  const auto server = serve(echo, limits);
  const auto answers = [](RawSocket& client) {
    client.write(get(""));
    return !client.read_message().empty();
  };
  auto one = std::make_unique<RawSocket>(server->port());
  RawSocket two(server->port());
  EXPECT_TRUE(answers(*one));
  EXPECT_TRUE(answers(two));
  RawSocket three(server->port());
  EXPECT_EQ(three.read_to_end(), "");
  EXPECT_EQ(server->counters().connections_refused, 1U);
  one.reset();
  EXPECT_TRUE(testing::eventually([&] { return server->counters().connections_open < 2; }));
  RawSocket four(server->port());
  EXPECT_TRUE(answers(four));
}

TEST(Limits, Times) {
  core::Limits limits;
  limits.header_timeout_ms = 20;
  limits.body_timeout_ms = 20;
  limits.idle_timeout_ms = 20;
  const auto server = serve(echo, limits);
  RawSocket idle(server->port());
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_FALSE(idle.was_reset());
  RawSocket head(server->port());
  head.write("GET / HT");
  EXPECT_THAT(head.read_to_end(), HasSubstr("header_timeout"));
  RawSocket body(server->port());
  body.write(put_body("content-length: 5\r\n", "hel"));
  const auto answer = body.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408"));
  EXPECT_THAT(answer, ::testing::EndsWith("body_timeout"));
  EXPECT_EQ(server->counters().timeouts, 2U);
}

// --- Answers

// Writes without end, until a write fails.
asio::awaitable<void> flood(pipeline::Client& client, std::string& outcome, testing::Signal& done) {
  auto written = co_await client.start(answer_head(200));
  const std::string piece(64 * 1024, 'x');
  while (written) written = co_await client.write(piece);
  outcome = written.error().code;
  auto again = co_await client.write(piece);
  EXPECT_EQ(again.error().kind, core::ErrorKind::cancelled);
  done.set();
}

TEST(Session, AClientThatTakesNothingIsDropped) {
  core::Limits limits;
  limits.write_timeout_ms = 50;
  std::string outcome;
  testing::Signal done;
  const auto server =
      serve([&](pipeline::Client& client) { return flood(client, outcome, done); }, limits);
  RawSocket client(server->port());
  client.set_receive_buffer(4096);
  client.write(get(""));
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(outcome, "client_disconnected");
  EXPECT_EQ(server->counters().timeouts, 1U);
  client.read_to_end();
  EXPECT_TRUE(client.was_reset());
}

TEST(Session, AClientThatLeavesEndsABlockedWrite) {
  std::string outcome;
  testing::Signal done;
  const auto server = serve([&](pipeline::Client& client) { return flood(client, outcome, done); });
  RawSocket client(server->port());
  client.set_receive_buffer(4096);
  client.write(get(""));
  client.shutdown_send();  // it never reads, and sends no more: gone
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(outcome, "client_disconnected");
}

TEST(Session, AClientThatLeavesCancelsWhatTheExchangeAwaits) {
  testing::Signal started;
  testing::Signal ended;
  const auto server = serve([&](pipeline::Client& client) -> asio::awaitable<void> {
    std::ignore = co_await client.read_body();
    started.set();
    asio::steady_timer never(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    const auto [error] = co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
    EXPECT_EQ(error, asio::error::operation_aborted);
    const auto sent = co_await client.send(answer_head(200), "late");
    EXPECT_EQ(sent.error().kind, core::ErrorKind::cancelled);
    ended.set();
  });
  RawSocket client(server->port());
  client.write(testing::post("/", "{}"));
  EXPECT_TRUE(started.wait());
  client.close();
  EXPECT_TRUE(ended.wait());
}

TEST(Session, AClientThatLeavesInTheBody) {
  testing::Signal ended;
  const auto server = serve([&](pipeline::Client& client) -> asio::awaitable<void> {
    const auto body = co_await client.read_body();
    EXPECT_EQ(body.error().kind, core::ErrorKind::cancelled);
    ended.set();
  });
  RawSocket client(server->port());
  client.write(put_body("content-length: 10\r\n", "hel"));
  client.close();
  EXPECT_TRUE(ended.wait());
}

TEST(Session, StreamsInChunks) {
  const auto server = serve([](pipeline::Client& client) -> asio::awaitable<void> {
    std::ignore = co_await client.start(answer_head(200));
    std::ignore = co_await client.write("one");
    std::ignore = co_await client.write("");  // an empty chunk would end the body
    std::ignore = co_await client.write("two");
    std::ignore = co_await client.finish();
  });
  RawSocket client(server->port());
  for (int i = 0; i < 2; ++i) {
    client.write(get(""));
    const auto answer = client.read_message();
    EXPECT_THAT(answer, HasSubstr("\r\ntransfer-encoding: chunked\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("content-length")));
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
  }
  RawSocket old(server->port());
  old.write("GET / HTTP/1.0\r\n\r\n");
  const auto answer = old.read_to_end();
  EXPECT_THAT(answer, Not(HasSubstr("transfer-encoding")));
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nonetwo"));
}

TEST(Session, AnAbortedAnswerIsSeenToBeIncomplete) {
  for (const bool aborts : {true, false}) {
    const auto server = serve([aborts](pipeline::Client& client) -> asio::awaitable<void> {
      std::ignore = co_await client.start(answer_head(200));
      std::ignore = co_await client.write("one");
      if (aborts) client.abort();
    });
    RawSocket client(server->port());
    client.write("GET / HTTP/1.0\r\n\r\n");
    client.read_to_end();
    EXPECT_TRUE(client.was_reset());
  }
}

TEST(Session, AHandlerThatFailsIsAnsweredFor) {
  for (const bool throws : {true, false}) {
    const auto server = serve([throws](pipeline::Client&) -> asio::awaitable<void> {
      if (throws) throw std::runtime_error("a bug");
      co_return;
    });
    RawSocket client(server->port());
    client.write(get(""));
    const auto answer = client.read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(answer, HasSubstr("no_answer"));
    EXPECT_EQ(server->counters().handler_exceptions, throws ? 1U : 0U);
  }
}

TEST(Session, HeadersCannotBeInjected) {
  const auto server = serve([](pipeline::Client& client) -> asio::awaitable<void> {
    pipeline::ResponseHead head{200, {{"x-a", "1\r\nx-b: 2"}}};
    const auto sent = co_await client.send(std::move(head), "body");
    EXPECT_EQ(sent.error().code, "bad_answer_header");
  });
  RawSocket client(server->port());
  client.write(get(""));
  const auto answer = client.read_to_end();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(answer, Not(HasSubstr("x-b")));
}

TEST(Session, FramingOfTheAnswerIsTransportsAlone) {
  const auto server = serve([](pipeline::Client& client) -> asio::awaitable<void> {
    pipeline::ResponseHead head{200,
                                {{"content-length", "99"},
                                 {"transfer-encoding", "gzip"},
                                 {"connection", "x"},
                                 {"date", "then"}}};
    std::ignore = co_await client.send(std::move(head), "body");
  });
  RawSocket client(server->port());
  client.write(get(""));
  const auto answer = client.read_message();
  EXPECT_EQ(answer, "HTTP/1.1 200 OK\r\ndate: then\r\ncontent-length: 4\r\n\r\nbody");
}

TEST(Session, HeadAndBodilessStatuses) {
  const auto server = serve([](pipeline::Client& client) -> asio::awaitable<void> {
    const unsigned status = client.head().target == "/204" ? 204 : 200;
    std::ignore = co_await client.send(answer_head(status), status == 204 ? "" : "body");
  });
  RawSocket client(server->port());
  client.write(
      "HEAD / HTTP/1.1\r\nhost: x\r\n\r\nGET /204 HTTP/1.1\r\nhost: x\r\nconnection: "
      "close\r\n\r\n");
  const auto answers = client.read_to_end();
  EXPECT_THAT(answers, HasSubstr("content-length: 4\r\n\r\nHTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(answers, ::testing::EndsWith("connection: close\r\n\r\n"));
}

}  // namespace
}  // namespace menshen::transport
