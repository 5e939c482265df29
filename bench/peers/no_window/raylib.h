#pragma once

// What PufferLib's cart-pole draws with, drawing nothing: its stepping is what is timed.

typedef struct {
  unsigned char r, g, b, a;
} Color;
typedef struct {
  float x, y;
} Vector2;

enum { KEY_TAB = 258, KEY_ESCAPE = 256 };

static inline int IsKeyDown(int key) { return key < 0; }
static inline int IsKeyPressed(int key) { return key < 0; }
static inline void ToggleFullscreen(void) {}
static inline void InitWindow(int width, int height, const char* title) { (void)width, (void)height, (void)title; }
static inline void CloseWindow(void) {}
static inline void SetTargetFPS(int rate) { (void)rate; }
static inline void BeginDrawing(void) {}
static inline void EndDrawing(void) {}
static inline void ClearBackground(Color colour) { (void)colour; }
static inline void DrawLine(int x, int y, int x2, int y2, Color colour) {
  (void)x, (void)y, (void)x2, (void)y2, (void)colour;
}
static inline void DrawLineEx(Vector2 a, Vector2 b, float width, Color colour) {
  (void)a, (void)b, (void)width, (void)colour;
}
static inline void DrawRectangle(int x, int y, int w, int h, Color colour) {
  (void)x, (void)y, (void)w, (void)h, (void)colour;
}
static inline void DrawText(const char* text, int x, int y, int size, Color colour) {
  (void)text, (void)x, (void)y, (void)size, (void)colour;
}
static inline const char* TextFormat(const char* text, ...) { return text; }
