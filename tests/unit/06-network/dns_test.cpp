#include <algorithm>

#include "06-engine/network/dns_message.hpp"
#include "06-engine/network/dns_names.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

std::string query_for(const std::string& name, DnsType type) {
    std::string query("\x12\x34\x01\0\0\1\0\0\0\0\0\0", 12);
    query += dns_name_bytes(name);
    query += {0, static_cast<char>(type), 0, 1};
    return query;
}

DnsQuestion question_for(const std::string& name, DnsType type) {
    auto question = parse_dns_query(query_for(name, type));
    REQUIRE(question);
    return *question;
}

const std::string four_bytes("\x0a\1\0\2", 4);

DnsNames example() {
    auto endpoint = [](const char* container, const char* ip,
                       std::vector<std::string> names) {
        Endpoint one{
            .id = "1", .network = "", .network_id = "", .container = container};
        one.name = names[0];
        one.ip = ip;
        one.dns_names = std::move(names);
        return one;
    };
    Endpoint db = endpoint("d", "10.1.0.2", {"db", "shared"});
    db.ip6 = "fd00::2";
    db.dns_servers = {"192.0.2.1"};
    return {
        "blue",
        {{"blue", {false, {db, endpoint("w", "10.1.0.3", {"web", "shared"})}}},
         {"quiet",
          {true,
           {endpoint("w", "10.2.0.2", {"web"}),
            endpoint("s", "10.2.0.3", {"secret"})}}},
         {"bridge",
          {false,
           {endpoint("w", "172.17.0.2", {"web"}),
            endpoint("x", "172.17.0.3", {"plain"})}}}}};
}

}  // namespace

TEST_CASE("a query has one question") {
    std::string query = query_for("Web.Example", DnsType::A);
    auto question = parse_dns_query(query);
    REQUIRE(question);
    CHECK(question->id == 0x1234);
    CHECK(question->name == "web.example");
    CHECK(question->is(DnsType::A));
    CHECK(question->end == query.size());
    for (std::size_t size = 0; size < query.size(); ++size)
        CHECK(!parse_dns_query(query.substr(0, size)));
    auto changed = [&](std::size_t at, char byte) {
        std::string other = query;
        other[at] = byte;
        return parse_dns_query(other).has_value();
    };
    CHECK(!changed(2, '\x81'));   // an answer
    CHECK(!changed(2, '\x29'));   // a status request
    CHECK(!changed(5, 2));        // two questions
    CHECK(!changed(12, '\xc0'));  // a pointer
    CHECK(!changed(12, 63));      // a label beyond the end
    CHECK(!changed(13, '.'));     // a dot inside a label
}

TEST_CASE("an answer says the question again, and the records") {
    std::string query = query_for("web", DnsType::A);
    DnsQuestion question = *parse_dns_query(query);
    std::string answer =
        dns_answer(query, question, {{DnsType::A, four_bytes}}, 5);
    CHECK(answer.substr(0, 12) ==
          std::string("\x12\x34\x85\x80\0\1\0\1\0\0\0\0", 12));
    CHECK(answer.substr(12, query.size() - 12) == query.substr(12));
    CHECK(answer.substr(query.size()) ==
          std::string("\xc0\x0c\0\1\0\1\0\0\0\5\0\4", 12) + four_bytes);
    CHECK(answers_question(answer, query, question));
    CHECK(!answers_question(query, query, question));
    std::string other = query_for("wab", DnsType::A);
    CHECK(!answers_question(dns_failure(other, question, DnsCode::NoError),
                            query, question));
    other = dns_failure(query, question, DnsCode::ServerFailure);
    CHECK((other[3] & 15) == 2);
    other[0] = 'x';  // another id
    CHECK(!answers_question(other, query, question));
}

TEST_CASE("names become bytes, and reversed addresses addresses") {
    CHECK(dns_name_bytes("db.blue") == std::string("\2db\4blue\0", 9));
    CHECK(dns_name_bytes("a..b").empty());
    CHECK(dns_name_bytes(std::string(64, 'a')).empty());
    CHECK(*reverse_address("2.0.17.172.in-addr.arpa") == "172.17.0.2");
    CHECK(!reverse_address("0.17.172.in-addr.arpa"));
    CHECK(!reverse_address("web"));
}

TEST_CASE("a container hears of its own networks only") {
    DnsNames names = example();
    auto count = [&](const char* asker, const char* name, DnsType type) {
        auto records =
            names.look_up(names.who_asks(asker), question_for(name, type));
        return records ? static_cast<int>(records->size()) : -1;
    };
    CHECK(count("10.1.0.2", "web", DnsType::A) == 1);
    CHECK(count("10.1.0.2", "WEB.blue", DnsType::A) == 1);
    CHECK(count("10.1.0.2", "shared", DnsType::A) == 2);
    CHECK(count("10.1.0.2", "db", DnsType::Aaaa) == 1);
    CHECK(count("10.1.0.2", "web", DnsType::Aaaa) == 0);
    CHECK(count("10.1.0.2", "secret", DnsType::A) == -1);
    CHECK(count("10.1.0.3", "secret", DnsType::A) == 1);
    CHECK(count("10.1.0.3", "web", DnsType::A) == 2);  // itself, twice
    CHECK(count("10.1.0.3", "plain", DnsType::A) == -1);
    CHECK(count("10.1.0.3", "3.0.2.10.in-addr.arpa", DnsType::Ptr) == 1);
    CHECK(count("10.1.0.2", "3.0.2.10.in-addr.arpa", DnsType::Ptr) == -1);
    CHECK(count("10.1.0.99", "web", DnsType::A) == 1);
}

TEST_CASE("who is only on internal networks asks nobody outside") {
    DnsNames names = example();
    CHECK(names.who_asks("10.1.0.2").may_leave);
    CHECK(names.who_asks("10.1.0.2").servers ==
          std::vector<std::string>{"192.0.2.1"});
    DnsNames quiet("quiet", {{"quiet", {true, {}}}});
    CHECK(!quiet.who_asks("10.2.0.3").may_leave);
}
