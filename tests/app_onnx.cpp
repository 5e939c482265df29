#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include "export_cases.hpp"

using namespace pigrad_test;

TEST_CASE("ONNX's own checker and shape inference take every exported model") {
  for_each_export([](const ExportCase&, const Folder& folder) {
    const Ended ended = call(folder, {"export", "run", "--to", "onnx", "--out", "p.onnx"});
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    CHECK(has(ended.out, "wrote p_parity.csv"));
    onnx::ModelProto model;
    REQUIRE(model.ParseFromString(slurp(folder / "p.onnx")));
    CHECK_NOTHROW(onnx::checker::check_model(model));
    CHECK_NOTHROW(onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), {true, 1, false}));
    CHECK(model.opset_import(0).version() == 13);
    CHECK(model.graph().input(0).name() == "observation");
    CHECK(model.graph().output(0).name() == "statistics");
    CHECK(model.graph().output(1).name() == "action");
    model.mutable_graph()->mutable_node(0)->set_op_type("Nothing");
    CHECK_THROWS(onnx::checker::check_model(model));
  });
}
