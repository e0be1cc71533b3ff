#include "04-images/unpack_layer.hpp"

#include "unit/04-images/layer_fixture.hpp"

using namespace slipway;

TEST_CASE("files, folders and links are unpacked") {
    TestLayer layer;
    UnpackedLayer done = layer.unpack(
        tar_folder("./") + tar_folder("bin/", 0700) + tar_file("bin/sh", "#!") +
        tar_symlink("bin/ash", "sh") + tar_hard_link("bin/dash", "bin/sh") +
        tar_entry({.name = "tmp", .type = '5', .mode = 01777}));
    CHECK(done.entries == 6);
    CHECK(done.bytes == 2);
    CHECK(layer.mode("bin") == 0700);
    CHECK(layer.text("bin/sh") == "#!");
    CHECK(layer.target("bin/ash") == "sh");
    CHECK(layer.info("bin/dash").st_ino == layer.info("bin/sh").st_ino);
    CHECK(layer.mode("tmp") == 01777);
}
