#include "04-images/config_change.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

using Texts = std::vector<std::string>;

RunConfig changed(const Texts& instructions, RunConfig config = {}) {
    apply_changes(config, instructions);
    return config;
}

}  // namespace

TEST_CASE("changes: commands, as a list or for the shell") {
    CHECK(changed({"CMD [\"a\", \"b c\"]"}).cmd == Texts{"a", "b c"});
    CHECK(changed({"CMD a b"}).cmd == Texts{"/bin/sh", "-c", "a b"});
    CHECK(changed({" \tcmd  a 'b' \t"}).cmd == Texts{"/bin/sh", "-c", "a 'b'"});
    CHECK(changed({"ENTRYPOINT [\"a\"]"}).entrypoint == Texts{"a"});
    CHECK(changed({"CMD []"}, {.cmd = {"old"}}).cmd.empty());
    // No lists of texts: a Dockerfile gives them to the shell, too.
    for (std::string text : {"[ -f x ] && y", "['a']", "[1]", "[\"a\"] b"})
        CHECK(changed({"CMD " + text}).cmd == Texts{"/bin/sh", "-c", text});
}

TEST_CASE("changes: an entrypoint takes the old command away") {
    RunConfig old{.entrypoint = {"old"}, .cmd = {"old"}};
    CHECK(changed({"ENTRYPOINT [\"new\"]"}, old).cmd.empty());
    CHECK(changed({"ENTRYPOINT [\"e\"]", "CMD [\"c\"]"}, old).cmd ==
          Texts{"c"});
    CHECK(changed({"CMD [\"c\"]", "ENTRYPOINT [\"e\"]"}, old).cmd ==
          Texts{"c"});
}

TEST_CASE("changes: pairs, with quotes") {
    RunConfig config = changed({R"(ENV A=b C="d e" 'F=g h' I=j\ k "L"=m"n"'o')",
                                R"(ENV A="x\"y\\z" E= Q='a\b' S="'")",
                                "LABEL one=1 two=\"2=2\""});
    CHECK(config.env == Texts{R"(A=x"y\z)", "C=d e", "F=g h", "I=j k", "L=mno",
                              "E=", R"(Q=a\b)", "S='"});
    CHECK(config.labels ==
          std::map<std::string, std::string>{{"one", "1"}, {"two", "2=2"}});
}

TEST_CASE("changes: ports") {
    CHECK(changed({"EXPOSE 80 53/udp 8000-8002", "EXPOSE 1/sctp"})
              .exposed_ports == std::set<std::string>{"80/tcp", "53/udp",
                                                      "8000/tcp", "8001/tcp",
                                                      "8002/tcp", "1/sctp"});
}

TEST_CASE("changes: the rest") {
    RunConfig config =
        changed({"USER 1000:1000", "WORKDIR /a b", "VOLUME /v \"/w x\"",
                 "VOLUME [\"/y\"]", "STOPSIGNAL SIGQUIT"});
    CHECK(config.user == "1000:1000");
    CHECK(config.working_dir == "/a b");
    CHECK(config.volumes == std::set<std::string>{"/v", "/w x", "/y"});
    CHECK(config.stop_signal == "SIGQUIT");
}

TEST_CASE("changes: what is wrong is said, and nothing is changed") {
    struct Row {
        std::string instruction, reason;
    };
    Row row = GENERATE(
        Row{"", "none of CMD"}, Row{"RUN x", "none of CMD"},
        Row{"CMDX y", "none of CMD"}, Row{"CMD", "nothing follows CMD"},
        Row{"ENV  ", "nothing follows ENV"}, Row{"ENV A", "not NAME=VALUE"},
        Row{"ENV A b", "not NAME=VALUE"}, Row{"ENV =b", "not NAME=VALUE"},
        Row{"LABEL \"a", "not closed"}, Row{"ENV A='b", "not closed"},
        Row{"ENV A=b\\", "nothing follows the last"},
        Row{"EXPOSE x", "no port"}, Row{"EXPOSE 0", "no port"},
        Row{"EXPOSE 65536", "no port"}, Row{"EXPOSE 2-1", "no port"},
        Row{"EXPOSE 1-", "no port"}, Row{"EXPOSE 80/", "no port"},
        Row{"EXPOSE 80/icmp", "no port"}, Row{"USER a b", "one word"},
        Row{"WORKDIR a", "no absolute path"},
        Row{"VOLUME a", "no absolute path"},
        Row{"VOLUME [\"\"]", "no absolute path"}, Row{"STOPSIGNAL X", "X"},
        Row{std::string("CMD a\0b", 7), "NUL"});
    RunConfig config{.user = "old"};
    CHECK_THROWS_WITH(apply_changes(config, {"USER new", row.instruction}),
                      ContainsSubstring(row.reason));
    CHECK(config.user == "old");
}
