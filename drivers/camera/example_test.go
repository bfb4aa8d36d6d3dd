package camera_test

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"chot/drivers/camera"
)

func Example() {
	dir, err := os.MkdirTemp("", "deck")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	picture, err := os.Create(filepath.Join(dir, "one.png"))
	if err != nil {
		log.Fatal(err)
	}
	if err := png.Encode(picture, image.NewGray(image.Rect(0, 0, 640, 480))); err != nil {
		log.Fatal(err)
	}
	if err := picture.Close(); err != nil {
		log.Fatal(err)
	}

	// With a webcam: camera.Open("/dev/video0").
	c, err := camera.Open("replay:" + dir + "?fps=100")
	if err != nil {
		log.Fatal(err)
	}
	defer c.Halt()
	for range 2 {
		frame, err := c.Next(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d×%d grey pixels\n", frame.Width, frame.Height)
	}
	// Output:
	// 640×480 grey pixels
	// 640×480 grey pixels
}
