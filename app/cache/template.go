package cache

import (
	"context"
	"database/sql"
	"fmt"

	"parley/backend/chat"
)

// changeTemplates stores what has become of the templates that the user may use; nil for nothing.
func changeTemplates(ctx context.Context, tx *sql.Tx, news *chat.TemplateNews) error {
	if news == nil {
		return nil
	}
	if news.Whole {
		if _, err := tx.ExecContext(ctx, "DELETE FROM templates"); err != nil {
			return fmt.Errorf("forget templates: %w", err)
		}
	}
	for _, id := range news.Gone {
		if _, err := tx.ExecContext(ctx, "DELETE FROM templates WHERE template_id = $1", id); err != nil {
			return fmt.Errorf("forget a template: %w", err)
		}
	}
	for i := range news.Changed {
		if err := putBody(ctx, tx, "templates", "template_id", string(news.Changed[i].ID), news.Changed[i]); err != nil {
			return err
		}
	}
	return nil
}
